//! What a handler is given: parsed, validated, or refused with every bad field in one answer.
//!
//! [`Json`], [`Path`] and [`Query`] read a `T` that serde deserialises and garde validates, and reject with
//! [`ApiError`](crate::ApiError). The reasons come from a short table in Spanish and English, or from the type itself
//! ([`standards_core::validation::reject`], [`refuse`]); no library's sentence, type name or position reaches a client.
//!
//! Reading is one mechanism for all three: a deserialiser of our own, whose error is a reason and a place. A body is scanned by
//! `serde_json` first, to its end; numbers are then read from their own digits. `serde_json`'s own deserialiser would take
//! `[7, "100.00"]` for a struct of two fields, and says what it found wrong only in English.

mod body;
mod idempotency_key;
mod json;
mod path;
mod query;
mod read;
mod reason;
mod retry;

#[cfg(test)]
mod tests;

#[cfg(feature = "openapi")]
pub(crate) use idempotency_key::IDEMPOTENCY_KEY_NAME;
pub use idempotency_key::{IDEMPOTENCY_KEY, IdempotencyKey, RequireIdempotencyKey};
pub use json::Json;
pub use path::Path;
pub use query::Query;
pub use reason::refuse;
