//! `/admin/requests`: what is in flight, so that "what hangs?" has an answer.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use serde::Serialize;
use standards_core::RequestContext;

use super::Admin;
use crate::answer::{ApiResult, ok};

/// So many are told; whoever has more in flight looks for what the oldest wait for.
const MOST: usize = 1000;

#[derive(Debug, Serialize)]
pub(super) struct InFlightRequest {
    correlation_id: String,
    /// The route's template, once the router has found it.
    route: Option<String>,
    method: String,
    age_ms: u128,
}

impl InFlightRequest {
    fn new((request, age): (RequestContext, Duration)) -> Self {
        Self {
            correlation_id: request.correlation_id().to_string(),
            route: request.route().map(str::to_owned),
            method: request.http_method().to_owned(),
            age_ms: age.as_millis(),
        }
    }
}

pub(super) async fn requests(State(admin): State<Arc<Admin>>) -> ApiResult<Vec<InFlightRequest>> {
    ok(admin.in_flight.oldest(MOST).into_iter().map(InFlightRequest::new).collect())
}
