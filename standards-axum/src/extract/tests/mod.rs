//! The extractors as a client meets them.

mod flatten;
mod form;
mod json;
#[cfg(feature = "multipart")]
mod multipart;
mod names;
mod page;
mod parameters;
mod properties;
mod shapes;
mod values;
mod values_in_paths;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::Request;
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

/// Status, and the messages of the answer's errors.
async fn answer(app: Router, request: Request<Body>) -> (u16, Vec<String>) {
    let response: Response = app.oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body: Value = serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap();
    let errors = body["errors"].as_array().unwrap();
    (status, errors.iter().map(|error| error["message"].as_str().unwrap().to_owned()).collect())
}

fn get(uri: &str) -> Request<Body> {
    Request::get(uri).body(Body::empty()).unwrap()
}
