//! Calls of a service that answers what it likes.

mod answers;
mod circuits;
mod hostile;
mod records;
mod retries;
mod stub;
mod time;
mod tls;

use std::future::Future;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use standards_core::context::{self, TraceParent};
use standards_core::log::LogOptions;
use standards_core::log::capture::{self, Capture};
use standards_core::{CorrelationId, Failure, Language, RequestContext};

use super::*;
use stub::{Answer, FINE, Stub, http, refused, with_header};

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn install_log() {
    capture::install(
        &LogOptions::new("ms-prueba", "1.0.0").with_own_crate("standards_axum").with_filters("debug".parse().unwrap()),
    );
}

/// A request of its own, on whose behalf calls are made, and its log.
fn request() -> (RequestContext, Capture) {
    install_log();
    let id = CorrelationId::generate();
    let log = Capture::of(&id);
    (RequestContext::with_details(id, "/compras", "POST", Language::En, TraceParent::parse(TRACE)), log)
}

/// What comes of a call on behalf of a request of its own.
async fn made<R>(call: impl Future<Output = Result<R, Failure>>) -> (Result<R, Failure>, Capture) {
    let (request, log) = request();
    (context::scope(request, call).await, log)
}

/// What comes of a `GET` that is answered so, once.
async fn asked<T: DeserializeOwned>(answer: Answer) -> (Result<T, Failure>, Capture) {
    let stub = Stub::new([answer]).await;
    made(stub.client().with_attempts(1).get("/clientes/7").send()).await
}

/// The call's only record.
#[track_caller]
fn record_of(log: &Capture) -> Value {
    let calls: Vec<_> = log.records().into_iter().filter(|record| record["context"]["upstream"].is_string()).collect();
    assert_eq!(calls.len(), 1, "{calls:#?}");
    calls.into_iter().next().unwrap()
}

#[track_caller]
fn reason_of(failure: &Failure) -> Reason {
    UpstreamError::of(failure).unwrap().reason()
}
