//! One line under construction.
//!
//! A source [begins](Draft::begin) a [`Draft`] in memory that its thread keeps, says the message and the fields
//! ([`fields`], [`values`]: each within its bound, hidden where it must be), and [finishes](Draft::finish) it on behalf of a request. The
//! line is then written in the [`Form`] of the log: [`json`], [`ecs`] or [`pretty`].

mod draft;
mod ecs;
mod error;
mod escape;
mod fields;
mod form;
mod json;
mod names;
mod pretty;
mod schema;
mod uniform;
mod values;

#[cfg(feature = "testkit")]
pub(in crate::log) use draft::MAX_LINE;
pub(in crate::log) use draft::{Draft, Origin, correlation_id};
pub use error::{ErrorDetails, LogError};
pub(in crate::log) use form::Form;
pub use form::{LogFormat, UnknownFormat};
pub use schema::{ECS_RECORD_SCHEMA, INDEX_TEMPLATE, RECORD_SCHEMA};
