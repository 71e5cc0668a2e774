//! The one place where data or a failure becomes an answer, and the one that tells afterwards how a request ended.
//!
//! The walk: a handler ends with [`ok`] or with an [`ApiError`]; `reply` writes either as the same envelope. What a request came to under
//! an `Idempotency-Key` becomes one of the two by [`IntoReply`]. A success without an envelope is a [`Download`] or [`NoContent`]. The
//! access record asks the answer for its `Outcome`.

mod download;
pub mod media;
mod no_content;
mod outcome;
mod reply;

#[cfg(test)]
mod tests;

pub use download::Download;
pub use no_content::NoContent;
pub(crate) use outcome::{FailureMark, Outcome, code_of, foreign_failure, place_of};
pub(crate) use reply::JSON;
pub use reply::{ApiError, ApiResult, IDEMPOTENT_REPLAYED, IntoReply, Reply, ok};
