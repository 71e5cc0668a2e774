//! The organisation's technical guideline, enforced around an axum service.

mod answer;
pub mod extract;
mod health;
pub mod layers;
#[cfg(feature = "openapi")]
pub mod openapi;
mod server;
mod service;

pub use answer::{ApiError, ApiResult, IDEMPOTENT_REPLAYED, IntoReply, Reply, ok};
pub use health::Readiness;
pub use service::{AllowedHosts, ApiPrefix, Exit, LayerEntry, Service, ServiceInfo, StandardSettings, serve};
pub use service::{Standardized, StandardizedBody, StandardizedFuture, StandardsLayer, standardize, standardize_with};
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
