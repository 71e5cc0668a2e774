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
mod failure;
pub mod idempotency;
mod language;
mod level;
pub mod log;
mod response;
pub mod settings;
pub mod validation;
mod value;

pub use catalogue::entry::{DomainError, ErrorEntry};
pub use catalogue::status::{ErrorStatus, NotAnError};
pub use caught::catch_panic;
pub use context::correlation_id::CorrelationId;
pub use context::request::RequestContext;
pub use failure::{Cause, Failure, FieldError, OrFailure};
pub use language::{Language, Text};
pub use response::{ApiResponse, ErrorItem};

/// What the macros of this crate and `standards-axum` reach; no part of the interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::catalogue::declare::codes_are_unique;
    pub use crate::context::defer::holding;
}
