//! The organisation's technical guideline, enforced around an axum service.

mod error;
mod reply;

pub use error::ApiError;
pub use reply::{ApiResult, Reply, ok};
