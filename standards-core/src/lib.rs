//! The vocabulary of the organisation's technical guideline: what every service says, logs and is told, whatever carries it.
//!
//! An answer has one shape, an error one code, a request one id in all its records, a log line one form that holds no secret. This
//! crate has the types for that and no web framework or database behind them: a service on `standards-axum`, a worker, a queue
//! consumer or a command-line tool keeps the standard with it.
//!
//! # Three rungs
//!
//! **Errors and answers.** A catalogue names what can go wrong; `?` makes a [`Failure`] of it, which knows what the client may read
//! and what only the log may know.
//!
//! ```
//! use standards_core::{Failure, Language, OrFailure, error_catalogue};
//!
//! error_catalogue! {
//!     /// Why a greeting is refused.
//!     pub enum SaludoError {
//!         /// The name is on the block list.
//!         NombreProhibido { palabra: String } => 400, "NOMBRE_PROHIBIDO", "Nombre {palabra} no permitido";
//!     }
//! }
//!
//! fn saludar(palabra: &str) -> Result<String, Failure> {
//!     if palabra == "root" {
//!         Err(SaludoError::NombreProhibido { palabra: palabra.into() })?;
//!     }
//!     let despedida = std::fs::read_to_string("/no/such/file").or_unavailable()?;
//!     Ok(format!("Hola, {palabra}. {despedida}"))
//! }
//!
//! let refused = saludar("root").unwrap_err();
//! assert_eq!(refused.status().as_u16(), 400);
//! assert_eq!(refused.body(Language::Es).errors()[0].message, "Nombre root no permitido");
//!
//! let broken = saludar("Ana").unwrap_err();
//! assert_eq!(broken.body(Language::Es).errors()[0].code, "SERVICE_UNAVAILABLE");
//! assert_eq!(broken.error_type(), "std::io::error::Error");
//! ```
//!
//! **The log.** One call installs it; `tracing`'s macros, the `log` crate and panics take the same way to standard output.
//!
//! ```
//! use standards_core::log::{self, LogOptions};
//! use standards_core::{CorrelationId, RequestContext, context};
//!
//! let _log = log::init(&LogOptions::new("conciliador", "1.0.0"))?;
//! context::sync_scope(RequestContext::new(CorrelationId::generate(), "cola/pagos", "CONSUME"), || {
//!     tracing::info!(pago_id = 456, "Pago conciliado");
//! });
//! # Ok::<(), log::InitError>(())
//! ```
//!
//! **The parts.** Each stands alone: [`log::RecordLayer`] in a subscriber of one's own, [`log::LineSink`] for lines that go
//! elsewhere, [`context::scope`] around any future, [`idempotency::IdempotencyStore`] over any database.
//!
//! # Modules
//!
//! | module | what it holds | guideline |
//! |---|---|---|
//! | the root | [`ApiResponse`], [`Failure`], [`Fatal`], [`ErrorEntry`], [`CorrelationId`], [`RequestContext`], [`Language`], [`FixedDecimal`], [`Timestamp`] | section 5, "Formato Estándar de Respuestas" |
//! | [`catalogue`] | the standard's own error codes; [`error_catalogue!`] declares a service's | section 5, "Excepciones Personalizadas" |
//! | [`context`] | the request at hand, wherever its work is done | section 2, "Context Variables" |
//! | [`log`](mod@log) | the structured JSON record | section 3 |
//! | [`settings`](mod@settings) | typed settings from the environment and `.env`, every problem at once | section 1, "config.py" |
//! | [`validation`] | reasons for refusing a value, in words that a client may read | section 5 |
//! | [`idempotency`] | a request that is sent twice is done once | |
//! | [`resilience`] | circuit breakers: what fails is left alone for a while; retries within a budget | |
//! | `cache` | what was asked before is not asked again for a while | section 4 |
#![cfg_attr(
    feature = "rules",
    doc = "| [`rules`] | the guideline's rules as data: what is asked, why, how it is checked and mended | the checklist |"
)]
//!
//! # Features
//!
//! | feature | adds | default |
//! |---|---|---|
//! | `cache` | `cache`: values kept in memory for a while | no |
//! | `chrono`, `time`, `uuid` | the crate's dates, instants and ids as log values and as fields of a catalogue's error; its instants from and to [`Timestamp`] | no |
//! | `openapi` | schemas of [`FixedDecimal`] and [`Timestamp`] | no |
//! | `redis`, `redis-tls` | `cache::redis`: Redis behind that memory, shared by several instances; with TLS | no |
//! | `rust_decimal` | `rust_decimal::Decimal` as a log value and as a field of a catalogue's error, from and to [`FixedDecimal`] | no |
//! | `rules` | `rules`: the guideline's rules as data, in Spanish and English (`toml`, to read them) | no |
//! | `sqlx-postgres`, `sqlx-sqlite` | `idempotency::sql`: outcomes in a team's own database; `sqlx::Error` becomes a [`Failure`] with `?`; [`FixedDecimal`] and [`Timestamp`] are bound and read | no |
//! | `testkit` | `log::capture`: the log in tests; `idempotency::contract`: the test of a store of one's own | no |

#[cfg(feature = "cache")]
pub mod cache;
pub mod catalogue;
mod caught;
pub mod context;
mod error_chain;
mod failure;
mod fixed_decimal;
pub mod idempotency;
mod language;
mod level;
pub mod log;
pub mod resilience;
mod response;
#[cfg(feature = "rules")]
pub mod rules;
pub mod settings;
mod timestamp;
pub mod validation;
mod value;

pub use catalogue::entry::{DomainError, ErrorEntry};
pub use catalogue::status::{ErrorStatus, NotAnError};
pub use caught::{catch_panic, catch_panic_async};
pub use context::correlation_id::CorrelationId;
pub use context::request::RequestContext;
pub use failure::{Cause, Failure, Fatal, FieldError, OrFailure};
pub use fixed_decimal::{FixedDecimal, FixedDecimalError};
pub use language::{Language, Text};
pub use response::{ApiResponse, ErrorItem};
pub use timestamp::{NotATimestamp, Timestamp};

/// The examples of the README are tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;

/// What the macros of this crate and `standards-axum` reach; no part of the interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::catalogue::declare::codes_are_unique;
    pub use crate::catalogue::field::{Field, LoggedAsText, LoggedAsValue, ShownAsDebug, ShownAsText};
}
