//! A request through the standard's layers (a body that is read and validated, an answer in the envelope, an access record), and one without.

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

const PATH: &str = "/api/v1/saludos";

#[derive(Deserialize, Validate)]
struct Saludo {
    #[garde(length(chars, min = 1, max = 40))]
    nombre: String,
}

async fn saludar(Json(saludo): Json<Saludo>) -> ApiResult<String> {
    ok(format!("Hola, {}", saludo.nombre))
}

/// The same route on axum alone: what is beyond it is the standard's.
async fn saludar_a_secas(axum::Json(saludo): axum::Json<Saludo>) -> axum::Json<String> {
    axum::Json(format!("Hola, {}", saludo.nombre))
}

/// Greets so many times.
pub(crate) async fn greet(times: u32) -> Outcome {
    greet_by(&standardize(Router::new().route(PATH, post(saludar))), times).await
}

/// Greets so many times without the standard.
pub(crate) async fn greet_barely(times: u32) -> Outcome {
    greet_by(&Router::new().route(PATH, post(saludar_a_secas)), times).await
}

async fn greet_by(router: &Router, times: u32) -> Outcome {
    for _ in 0..times {
        ask(router, PATH, r#"{"nombre": "Ana"}"#, 200).await?;
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
