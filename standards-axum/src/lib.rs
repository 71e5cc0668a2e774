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
pub use service::{AllowedHosts, ApiPrefix, Exit, Service, ServiceInfo, StandardSettings, serve};
pub use service::{Standardized, StandardizedBody, StandardizedFuture, StandardsLayer, standardize, standardize_with};
pub use standards_core as core;

/// What every service types.
///
/// Two names are left out on purpose, since whoever reads `Path` or `Service` in a service's code has another one in mind:
/// [`extract::Path`] is not `std::path::Path`, and [`Service`] is not tower's trait. Where they are wanted, one `use` says which:
///
/// ```
/// use std::path::*;
///
/// use standards_axum::prelude::*;
/// use tower::*;
///
/// // Both are what their globs bring, and neither is ambiguous.
/// fn name_of<S: Service<u8>>(_: &S, file: &Path) -> Option<String> {
///     Some(file.file_name()?.to_str()?.to_owned())
/// }
///
/// let nobody = service_fn(async |_: u8| Ok::<_, Failure>(()));
/// assert_eq!(name_of(&nobody, Path::new("/etc/hosts")).as_deref(), Some("hosts"));
/// ```
pub mod prelude {
    pub use axum::Router;
    pub use axum::extract::State;
    pub use axum::routing::{delete, get, patch, post, put};
    pub use garde::Validate;
    pub use serde::{Deserialize, Serialize};
    pub use standards_core::{Failure, error_catalogue};
    pub use tracing::{debug, error, info, warn};

    pub use crate::extract::{IdempotencyKey, Json, Query};
    #[cfg(feature = "openapi")]
    pub use crate::openapi::{ApiRouter, Operation};
    pub use crate::{ApiError, ApiResult, Exit, IntoReply, Reply, ok, serve, service_info};
}
