//! The organisation's technical guideline, enforced around an axum service.

mod access_log;
mod body;
mod body_limit;
mod catch_panic;
mod correlation;
mod cors;
mod deadline;
mod envelope;
mod error;
pub mod extract;
mod framing;
mod headers;
mod health;
#[cfg(feature = "openapi")]
pub mod openapi;
mod own;
mod preflight;
mod reply;
mod repoll;
mod server;
mod service;
mod settings;
mod stack;

pub use access_log::AccessLogLayer;
pub use catch_panic::CatchPanicLayer;
pub use correlation::{CorrelationLayer, X_CORRELATION_ID};
pub use cors::AllowedHosts;
pub use deadline::DeadlineLayer;
pub use envelope::EnvelopeLayer;
pub use error::ApiError;
pub use health::Readiness;
pub use reply::{ApiResult, IDEMPOTENT_REPLAYED, IntoReply, Reply, ok};
pub use service::{Exit, Service, ServiceInfo, serve};
pub use settings::{ApiPrefix, StandardSettings};
pub use stack::{Standardized, StandardsLayer, standardize, standardize_with};
pub use standards_core as core;

/// What every service types.
pub mod prelude {
    pub use axum::Router;
    pub use axum::routing::{delete, get, post, put};
    pub use garde::Validate;
    pub use serde::{Deserialize, Serialize};
    pub use standards_core::error_catalogue;
    pub use tracing::{debug, error, info, warn};

    pub use crate::extract::{IdempotencyKey, Json, Path, Query};
    pub use crate::{ApiError, ApiResult, Exit, IntoReply, Service, ok, serve, service_info};
}
