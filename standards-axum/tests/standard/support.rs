//! Sending requests to a router, and reading what comes back.

use axum::Router;
use axum::body::Body;
use http::Request;
use serde_json::Value;
use standards_core::CorrelationId;
use standards_core::log::LogOptions;
use standards_core::log::capture;

pub(crate) use crate::exchange::Exchange;

/// The log of all tests of this binary; whoever captures calls it first.
pub(crate) fn install_log() {
    let options = LogOptions::new("ms-prueba", "1.0.0").with_own_crate("standard").with_filters("debug".parse().unwrap());
    capture::install(&options);
}

/// Sends `request` with a new correlation id.
pub(crate) async fn send(router: &Router, request: Request<Body>) -> Exchange {
    install_log();
    Exchange::send(router, &CorrelationId::generate(), request).await
}

pub(crate) async fn get(router: &Router, path: &str) -> Exchange {
    send(router, Request::get(path).body(Body::empty()).unwrap()).await
}

impl Exchange {
    /// The request's only access record, without what differs from run to run.
    #[track_caller]
    pub(crate) fn access_record(&self) -> Value {
        let records = self.log.records();
        let mut access: Vec<Value> = records.into_iter().filter(|record| record["context"]["status"].is_u64()).collect();
        assert_eq!(access.len(), 1, "{access:#?}");
        let mut record = access.remove(0);
        assert!(record["context"]["duration_ms"].as_f64().unwrap() >= 0.0);
        record["context"].as_object_mut().unwrap().remove("duration_ms");
        record
    }
}
