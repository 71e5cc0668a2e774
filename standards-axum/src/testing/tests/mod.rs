//! The test kit, tested with itself.

mod answers;
mod bounds;
#[cfg(feature = "auth")]
mod callers;
mod requests;
mod servers;
mod upstreams;

use std::panic::{AssertUnwindSafe, catch_unwind};

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::FutureExt;
use http::StatusCode;

use super::{TestAnswer, TestApp};

/// What a failing assertion says.
fn told(assertion: impl FnOnce()) -> String {
    text_of(catch_unwind(AssertUnwindSafe(assertion)))
}

/// The same of one that waits.
async fn told_late(assertion: impl Future<Output = ()>) -> String {
    text_of(AssertUnwindSafe(assertion).catch_unwind().await)
}

#[track_caller]
fn text_of(failed: std::thread::Result<()>) -> String {
    let payload = failed.expect_err("the assertion must fail");
    payload.downcast_ref::<String>().cloned().or_else(|| payload.downcast_ref().map(|text: &&str| (*text).to_owned())).unwrap()
}

/// The answer to a GET of `/` that is outside the standard, as `answer` makes it.
async fn bare(answer: impl Fn() -> Response + Clone + Send + Sync + 'static) -> TestAnswer {
    TestApp::new(Router::new().route("/", get(async move || answer()))).get("/").await
}

/// The same of JSON with this status.
async fn bare_json(status: u16, body: &'static str) -> TestAnswer {
    let status = StatusCode::from_u16(status).unwrap();
    bare(move || (status, [("content-type", "application/json")], body).into_response()).await
}
