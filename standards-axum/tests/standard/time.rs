//! Deadlines, and clients that leave.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::Request;
use standards_axum::layers::X_CORRELATION_ID;
use standards_axum::{StandardsLayer, standardize_with};
use standards_core::CorrelationId;
use standards_core::log::capture::Capture;
use tower::ServiceExt;

use crate::support;

fn router() -> Router {
    let slow = get(|| async { tokio::time::sleep(Duration::from_secs(3600)).await });
    let layer = StandardsLayer::new().with_deadline(Some(Duration::from_secs(10)));
    standardize_with(Router::new().route("/slow", slow), &layer)
}

#[tokio::test(start_paused = true)]
async fn a_slow_handler_is_answered_for() {
    let exchange = support::get(&router(), "/slow").await;
    exchange.assert_failure(503, "SERVICE_UNAVAILABLE", "Servicio no disponible, intente más tarde");
    assert_eq!(exchange.headers["retry-after"], "1");
    let record = exchange.access_record();
    assert_eq!((&record["context"]["route"], &record["traceback"]), (&"/slow".into(), &"<handler of GET /slow>".into()));
}

#[tokio::test]
async fn a_client_that_leaves_is_still_in_the_log() {
    support::install_log();
    let id = CorrelationId::generate();
    let log = Capture::of(&id);
    let request = Request::get("/slow").header(X_CORRELATION_ID, id.as_str()).body(Body::empty()).unwrap();
    let left = tokio::time::timeout(Duration::from_millis(20), router().oneshot(request)).await;
    assert!(left.is_err());
    let record = log.record("La solicitud se abandonó antes de la respuesta");
    assert_eq!((record["level"].as_str(), record["context"]["status"].as_u64()), (Some("WARNING"), Some(499)));
}
