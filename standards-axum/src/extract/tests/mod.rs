//! The extractors as a client meets them.

mod direct;
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

use std::time::Duration;

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

/// What `work` is, and that it took this thread less than `limit` of a processor's time, which a busy machine does not lengthen. Where the
/// system does not tell it, nothing is bounded.
fn within<R>(limit: Duration, work: impl FnOnce() -> R) -> R {
    let before = processor_time();
    let done = work();
    let taken = processor_time() - before;
    assert!(taken < limit, "{taken:?}");
    done
}

fn processor_time() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(told.split(' ').next().and_then(|nanoseconds| nanoseconds.parse().ok()).unwrap_or_default())
}

fn get(uri: &str) -> Request<Body> {
    Request::get(uri).body(Body::empty()).unwrap()
}
