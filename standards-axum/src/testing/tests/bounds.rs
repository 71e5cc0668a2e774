//! Answers without an end, and tests without one.

use std::time::Duration;

use axum::body::{Body, Bytes};
use futures_util::stream;
use http::Response;

use super::*;
use crate::testing::PausedClock;

fn long(length: usize) -> TestApp {
    TestApp::new(Router::new().route("/", get(async move || "a".repeat(length)))).with_body_limit(1000)
}

#[tokio::test]
async fn an_answer_is_read_up_to_its_limit() {
    assert_eq!(long(1000).get("/").await.text().len(), 1000);
    let told = told_late(async { drop(long(1001).get("/").await) }).await;
    assert!(told.starts_with("GET /, sent at ") && told.ends_with("was answered by more than 1000 bytes"), "{told}");
}

#[tokio::test]
async fn an_answer_that_has_no_end_is_no_matter_of_memory() {
    let endless = async || Body::from_stream(stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from(vec![0; 1 << 16]))));
    let told = told_late(async { drop(TestApp::new(Router::new().route("/", get(endless))).get("/").await) }).await;
    assert!(told.ends_with("was answered by more than 1048576 bytes"), "{told}");
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_not_waited_for_for_ever() {
    let _clock = PausedClock::skipping();
    let head = TestApp::new(Router::new().route("/", get(async || std::future::pending::<()>().await)));
    let told = told_late(async { drop(head.get("/").await) }).await;
    assert!(told.ends_with("was not answered within 300s"), "{told}");
    let stalled = async || Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
    let body = TestApp::new(Router::new().route("/", get(stalled))).with_patience(Duration::from_secs(3));
    let told = told_late(async { drop(body.get("/").await) }).await;
    assert!(told.ends_with("had no more of its body within 3s"), "{told}");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_told() {
    let broken = async || {
        let pieces = [Ok("uno"), Err(std::io::Error::other("disco lleno"))];
        Response::new(Body::from_stream(stream::iter(pieces)))
    };
    let told = told_late(async { drop(TestApp::new(Router::new().route("/", get(broken))).get("/").await) }).await;
    assert!(told.ends_with("a body that broke off after 3 bytes: disco lleno"), "{told}");
}

#[tokio::test]
async fn a_still_clock_moves_as_it_is_told() {
    let mut clock = PausedClock::still();
    let lenta = async || tokio::time::sleep(Duration::from_secs(10)).await;
    let asked = standards_core::context::spawn(TestApp::new(Router::new().route("/", get(lenta))).get("/").into_future());
    clock.advance(Duration::from_millis(9_999)).await;
    assert!(!asked.is_finished());
    clock.advance(Duration::from_millis(1)).await;
    assert_eq!(asked.await.unwrap().status(), 200);
}
