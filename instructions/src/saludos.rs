//! A request through the standard's layers: a body that is read and validated, an answer in the envelope, an access record.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use axum::routing::post;
use garde::Validate;
use http_body_util::BodyExt as _;
use serde::Deserialize;
use standards_axum::extract::Json;
use standards_axum::{ApiResult, ok, standardize};
use tower::ServiceExt as _;

use crate::Outcome;

#[derive(Deserialize, Validate)]
struct Saludo {
    #[garde(length(chars, min = 1, max = 40))]
    nombre: String,
}

async fn saludar(Json(saludo): Json<Saludo>) -> ApiResult<String> {
    ok(format!("Hola, {}", saludo.nombre))
}

/// Greets so many times.
pub(crate) async fn greet(times: u32) -> Outcome {
    let router = standardize(Router::new().route("/api/v1/saludos", post(saludar)));
    for _ in 0..times {
        ask(&router, "/api/v1/saludos", r#"{"nombre": "Ana"}"#, 200).await?;
    }
    Ok(())
}

/// Sends a body to a path; the answer, read to its end, has this status.
pub(crate) async fn ask(router: &Router, path: &str, body: &'static str, status: u16) -> Outcome {
    let request = Request::post(path).header(CONTENT_TYPE, "application/json").body(Body::from(body))?;
    let response: Response = router.clone().oneshot(request).await?;
    let told = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    if told == status { Ok(()) } else { Err(format!("{path}: {told} {}", String::from_utf8_lossy(&body)).into()) }
}
