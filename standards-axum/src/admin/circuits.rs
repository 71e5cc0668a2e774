//! `/admin/circuits`: which circuit breakers are open, since when, and why.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use standards_core::Timestamp;
use standards_core::resilience::{CircuitBreaker, Snapshot};

use super::Admin;
use crate::answer::{ApiResult, ok};

#[derive(Debug, Serialize)]
pub(super) struct Circuit {
    name: &'static str,
    state: &'static str,
    since: Timestamp,
    /// In percent, of the calls that are told; none where there are none.
    failure_rate: Option<f64>,
    slow_rate: Option<f64>,
    calls: u32,
    /// Since the start.
    not_permitted: u64,
}

impl From<Snapshot> for Circuit {
    fn from(seen: Snapshot) -> Self {
        let Snapshot { name, since, failure_rate, slow_rate, calls, not_permitted, .. } = seen;
        Self { name, state: seen.state.as_str(), since, failure_rate, slow_rate, calls, not_permitted }
    }
}

pub(super) async fn circuits(State(admin): State<Arc<Admin>>) -> ApiResult<Vec<Circuit>> {
    ok(admin.circuits.iter().map(CircuitBreaker::snapshot).map(Circuit::from).collect())
}
