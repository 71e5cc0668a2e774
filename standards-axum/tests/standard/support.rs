//! Sending requests to a router, and reading what comes back.

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request};
use http_body_util::BodyExt;
use serde_json::Value;
use standards_axum::layers::X_CORRELATION_ID;
use standards_core::CorrelationId;
use standards_core::log::LogOptions;
use standards_core::log::capture::{self, Capture};
use tower::ServiceExt;

/// A request under an id of its own, and the log of it.
pub(crate) struct Exchange {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
    pub(crate) log: Capture,
}

/// The log of all tests of this binary; whoever captures calls it first.
pub(crate) fn install_log() {
    let options = LogOptions::new("ms-prueba", "1.0.0").with_own_crate("standard").with_filters("debug".parse().unwrap());
    capture::install(&options);
}

/// Sends `request` with a new correlation id.
pub(crate) async fn send(router: &Router, mut request: Request<Body>) -> Exchange {
    install_log();
    let id = CorrelationId::generate();
    request.headers_mut().insert(X_CORRELATION_ID, id.as_str().parse().unwrap());
    let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    assert_eq!(parts.headers[X_CORRELATION_ID], id.as_str());
    let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    Exchange { status: parts.status.as_u16(), headers: parts.headers, body, log: Capture::of(&id) }
}

pub(crate) async fn get(router: &Router, path: &str) -> Exchange {
    send(router, Request::get(path).body(Body::empty()).unwrap()).await
}

impl Exchange {
    /// The answer is a failure in the envelope and says no more than this.
    #[track_caller]
    pub(crate) fn assert_failure(&self, status: u16, code: &str, message: &str) {
        let expected = format!(r#"{{"success":false,"data":null,"errors":[{{"code":"{code}","message":"{message}"}}]}}"#);
        assert_eq!((self.status, self.body.as_str()), (status, expected.as_str()));
        assert_eq!(self.headers["content-type"], "application/json");
    }

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
