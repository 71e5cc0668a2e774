//! `/admin/layers`, `/admin/config` and `/admin/health`: what the service is made of.

use std::sync::Arc;

use axum::extract::State;
use standards_core::settings::ListedSetting;

use super::Admin;
use crate::answer::{ApiResult, ok};
use crate::health::CheckReport;

pub(super) async fn layers(State(admin): State<Arc<Admin>>) -> ApiResult<Vec<&'static str>> {
    ok(admin.layers.clone())
}

pub(super) async fn config(State(admin): State<Arc<Admin>>) -> ApiResult<Vec<ListedSetting>> {
    ok(admin.settings.clone())
}

pub(super) async fn health(State(admin): State<Arc<Admin>>) -> ApiResult<Vec<CheckReport>> {
    match &admin.readiness {
        Some(readiness) => ok(readiness.reports().await),
        None => ok(Vec::new()),
    }
}
