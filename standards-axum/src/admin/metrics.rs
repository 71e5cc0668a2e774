//! `/metrics`: the page that Prometheus reads.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use standards_core::{ErrorStatus, Failure};

use super::Admin;
use crate::answer::ApiError;

/// Where the page comes from: made anew for each that asks.
pub(crate) struct MetricsPage {
    /// The page's media type, with the version of the format.
    pub(crate) media_type: &'static str,
    /// What writes it.
    pub(crate) render: Box<dyn Fn() -> String + Send + Sync>,
}

/// Without metrics there is no such page.
pub(super) async fn metrics(State(admin): State<Arc<Admin>>) -> Result<Response, ApiError> {
    let page = admin.metrics.as_ref().ok_or_else(|| Failure::http(ErrorStatus::NOT_FOUND))?;
    Ok(([(CONTENT_TYPE, HeaderValue::from_static(page.media_type))], (page.render)()).into_response())
}
