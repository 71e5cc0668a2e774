//! The one place where data or a failure becomes an answer.

mod error;
mod headers;
mod reply;

pub use error::ApiError;
pub(crate) use error::FailureMark;
pub(crate) use headers::{json_headers, only};
pub use reply::{ApiResult, IDEMPOTENT_REPLAYED, IntoReply, Reply, ok};
