//! No id crosses to another request, in header or log.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::routing::get;
use http::Request;
use standards_axum::layers::X_CORRELATION_ID;
use standards_axum::standardize;
use standards_core::log::capture::Capture;
use standards_core::{CorrelationId, context};
use tokio::task::JoinSet;
use tower::ServiceExt;

use crate::support::install_log;

/// Logs from the handler, a task, blocking work and the log crate, with pauses that let other requests in between.
async fn handler(Path(number): Path<u64>) -> String {
    tracing::info!(number, "handler");
    tokio::time::sleep(Duration::from_micros(number % 700)).await;
    let task = context::spawn(async move {
        tokio::task::yield_now().await;
        tracing::info!(number, "task");
    });
    let blocking = context::spawn_blocking(move || tracing::info!(number, "blocking"));
    let (task, blocking) = tokio::join!(task, blocking);
    task.and(blocking).map_or("panicked", |()| "done").to_owned()
}

async fn send(router: Router, number: u64) -> CorrelationId {
    let id = CorrelationId::parse(&format!("cruce-{number}")).unwrap();
    let request = Request::get(format!("/{number}")).header(X_CORRELATION_ID, id.as_str()).body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    assert_eq!(response.headers()[X_CORRELATION_ID], id.as_str());
    id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_requests_at_once_keep_their_ids_in_header_and_log() {
    let router = standardize(Router::new().route("/{number}", get(handler)));
    install_log();
    let mut requests = JoinSet::new();
    for number in 0..1000 {
        requests.spawn(send(router.clone(), number));
    }
    for id in requests.join_all().await {
        let number = id.as_str().trim_start_matches("cruce-").parse::<u64>().unwrap();
        let log = Capture::of(&id);
        let mut messages = log.messages();
        messages.sort();
        assert_eq!(messages, ["Solicitud atendida", "blocking", "handler", "task"], "{id}");
        for record in log.records() {
            assert_eq!(record["endpoint"], format!("/{number}"));
            assert!(record["context"]["number"].is_null() || record["context"]["number"] == number);
        }
    }
}
