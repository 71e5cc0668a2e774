//! The organisation's technical guideline, enforced around an axum service.

mod body;
mod catch_panic;
mod correlation;
mod deadline;
mod envelope;
mod error;
pub mod extract;
mod reply;

pub use catch_panic::CatchPanicLayer;
pub use correlation::{CorrelationLayer, X_CORRELATION_ID};
pub use deadline::DeadlineLayer;
pub use envelope::EnvelopeLayer;
pub use error::ApiError;
pub use reply::{ApiResult, Reply, ok};
