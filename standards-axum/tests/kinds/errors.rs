//! A service with an error body of its own.

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing;
use http::StatusCode;
use serde_json::json;
use standards_axum::standardize;

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
