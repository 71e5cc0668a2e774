//! However a request ends, its records are its own.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;
use http::Request;
use http_body::Frame;
use http_body_util::BodyExt;
use standards_axum::layers::X_CORRELATION_ID;
use standards_axum::{StandardsLayer, standardize_with};
use standards_core::CorrelationId;
use standards_core::log::capture::Capture;
use tokio::task::JoinSet;
use tower::ServiceExt;

use crate::support::install_log;

const REQUESTS: usize = 1_000;

/// A way to end, the status in its access record, and what else is logged.
const ENDINGS: [(&str, u64, &[&str]); 4] = [
    ("panic", 500, &["handler"]),
    ("deadline", 503, &["dropped", "handler"]),
    ("gone", 499, &["dropped", "handler"]),
    ("stream", 200, &["chunk", "chunk", "handler"]),
];

/// Logs when the future that holds it is dropped.
struct Noisy(u64);

impl Drop for Noisy {
    fn drop(&mut self) {
        tracing::info!(number = self.0, "dropped");
    }
}

/// A body that logs while the transport polls it, when the handler has long ended.
struct Chunks {
    number: u64,
    left: usize,
}

impl http_body::Body for Chunks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Some(left) = self.left.checked_sub(1) else { return Poll::Ready(None) };
        self.left = left;
        tracing::info!(number = self.number, "chunk");
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"x")))))
    }
}

async fn panics(Path(number): Path<u64>) {
    tracing::info!(number, "handler");
    panic!("final");
}

async fn hangs(Path(number): Path<u64>) {
    tracing::info!(number, "handler");
    let _noisy = Noisy(number);
    std::future::pending::<()>().await;
}

async fn streams(Path(number): Path<u64>) -> Response {
    tracing::info!(number, "handler");
    Response::new(Body::new(Chunks { number, left: 2 }))
}

fn router(limit: Option<Duration>) -> Router {
    let routes = Router::new()
        .route("/panic/{number}", get(panics))
        .route("/deadline/{number}", get(hangs))
        .route("/gone/{number}", get(hangs))
        .route("/stream/{number}", get(streams));
    standardize_with(routes, &StandardsLayer::new().with_deadline(limit))
}

/// Sends one request; the client of one that is to be left alone goes away.
async fn send(router: Router, ending: &str, number: usize) {
    let request = Request::get(format!("/{ending}/{number}")).header(X_CORRELATION_ID, id(ending, number).as_str());
    let answer = router.oneshot(request.body(Body::empty()).unwrap());
    match ending {
        "gone" => assert!(tokio::time::timeout(Duration::from_millis(20), answer).await.is_err()),
        _ => drop(answer.await.unwrap().into_body().collect().await.unwrap()),
    }
}

fn id(ending: &str, number: usize) -> CorrelationId {
    CorrelationId::parse(&format!("final-{ending}-{number}")).unwrap()
}

fn check(ending: &str, number: usize, status: u64, messages: &[&str]) {
    let records = Capture::of(&id(ending, number)).records();
    let (access, others): (Vec<_>, Vec<_>) = records.iter().partition(|record| record["context"]["status"].is_u64());
    let mut logged: Vec<&str> = others.iter().map(|record| record["message"].as_str().unwrap()).collect();
    logged.sort_unstable();
    assert_eq!((logged.as_slice(), access.len()), (messages, 1), "{records:#?}");
    assert_eq!(access[0]["context"]["status"], status);
    for record in &records {
        assert_eq!(record["endpoint"], format!("/{ending}/{number}"));
        assert!(record["context"]["number"].is_null() || record["context"]["number"] == number);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_requests_at_once_that_end_in_every_way_keep_their_ids() {
    install_log();
    let (hurried, patient) = (router(Some(Duration::from_millis(20))), router(None));
    let mut requests = JoinSet::new();
    for (number, (ending, ..)) in (0..REQUESTS).zip(ENDINGS.into_iter().cycle()) {
        let router = if ending == "deadline" { hurried.clone() } else { patient.clone() };
        requests.spawn(async move { send(router, ending, number).await });
    }
    requests.join_all().await;
    for (number, (ending, status, messages)) in (0..REQUESTS).zip(ENDINGS.into_iter().cycle()) {
        check(ending, number, status, messages);
    }
}
