//! The organisation's technical guideline as a vocabulary: what every service says, logs and is told, whatever carries it.
//!
//! | module | what it holds | guideline |
//! |---|---|---|
//! | [`response`] | the `{success, data, errors}` envelope | section 5, "Formato Estándar de Respuestas" |
//! | [`catalogue`] | error codes, their statuses and messages: [`error_catalogue!`] | section 5, "Excepciones Personalizadas" |
//! | [`failure`] | one failed operation: public message and private cause, kept apart | section 5, "Exception Handlers" |
//! | [`context`] | the correlation id and the task-local request context | section 2, "Context Variables" |
//! | [`idempotency`] | a request that is sent twice is done once: keys, scopes, kept outcomes | - |
//! | [`log`] | the structured JSON record, from `tracing`, `log` and [`StructuredLogger`](log::StructuredLogger) | section 3 |
//! | [`settings`](mod@settings) | typed settings from the environment and `.env` | section 1, "config.py" |
//!
//! No web framework and no database stand behind these modules: a worker, a queue consumer or a command-line tool keeps the
//! standard with this crate alone.

pub mod catalogue;
mod caught;
pub mod context;
mod error_chain;
pub mod failure;
pub mod idempotency;
pub mod language;
pub mod log;
pub mod response;
pub mod settings;
pub mod validation;

pub use catalogue::{DomainError, ErrorEntry, ErrorStatus};
pub use caught::catch_panic;
pub use context::{CorrelationId, RequestContext};
pub use failure::{Failure, OrFailure};
pub use language::{Language, Text};
pub use response::{ApiResponse, ErrorItem};
