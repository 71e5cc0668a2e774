//! A service with an error body of its own.

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing;
use http::StatusCode;
use serde_json::json;
use standards_axum::layers::{EnvelopeLayer, Exemption};
use standards_axum::{StandardsLayer, standardize, standardize_with};

use crate::support::get;

struct OwnError(StatusCode);

impl IntoResponse for OwnError {
    fn into_response(self) -> Response {
        (self.0, [("x-own", "1")], axum::Json(json!({"error": "detalle interno"}))).into_response()
    }
}

#[tokio::test]
async fn its_failures_are_in_the_envelope_and_keep_their_status_and_headers() {
    let refuse = async || OwnError(StatusCode::CONFLICT);
    let fail = async || OwnError(StatusCode::SERVICE_UNAVAILABLE);
    let router = standardize(Router::new().route("/conflicto", routing::get(refuse)).route("/caido", routing::get(fail)));
    for (path, status, code) in [("/conflicto", 409, "HTTP_ERROR"), ("/caido", 503, "SERVICE_UNAVAILABLE")] {
        let exchange = get(&router, path).await;
        exchange.assert_envelope(status, code);
        assert_eq!(exchange.headers["x-own"], "1");
        assert!(!exchange.text().contains("detalle interno"));
        assert_eq!(exchange.access_record()["context"]["status"], status);
    }
}

/// RFC 9457, section 3.
const PROBLEM: &str = r#"{"type":"about:blank","title":"Conflict","status":409}"#;

#[tokio::test]
async fn problem_documents_stay_where_they_are_exempted() {
    let refuse = async || (StatusCode::CONFLICT, [("content-type", "application/problem+json")], PROBLEM);
    let service = Router::new().route("/conflicto", routing::get(refuse));
    let problems = EnvelopeLayer::new().exempting(Exemption::content_type("application/problem+json"));
    let router = standardize_with(service.clone(), &StandardsLayer::new().with_envelope(problems));
    let exchange = get(&router, "/conflicto").await;
    assert_eq!((exchange.status, exchange.text().as_str()), (409, PROBLEM));
    assert_eq!(exchange.access_record()["context"]["exempt"], "content-type application/problem+json");
    get(&router, "/nada").await.assert_envelope(404, "HTTP_ERROR");
    get(&standardize(service), "/conflicto").await.assert_envelope(409, "HTTP_ERROR");
}
