//! What every rung switches on, as the table of `docs/adoption.md` has it.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use http::{Request, StatusCode};
use standards_axum::openapi::{ApiRouter, Operation};
use standards_axum::{Service, StandardsLayer, ok, service_info, standardize};
use standards_core::settings::Environment;
use tower::ServiceExt;

use crate::support::{self, Exchange};

/// How a service comes into the standard, in the order of the table's columns.
const RUNGS: [fn() -> Router; 3] = [whole, around, layered];

fn routes() -> Router {
    Router::new()
        .route("/bien/{id}", get(async || "bien"))
        .route("/ajena", get(async || (StatusCode::CONFLICT, "texto ajeno")))
        .route("/rota", get(async || panic!("rota") as ()))
        .route("/lenta", get(async || tokio::time::sleep(Duration::from_secs(11)).await))
        .route("/grande", post(async |_: String| "leída"))
}

fn whole() -> Router {
    let environment = Environment::from_pairs([("ALLOWED_HOSTS", "https://a.cl"), ("MAX_IN_FLIGHT", "2"), ("RATE_LIMIT", "10")]);
    let api = ApiRouter::new().operation(Operation::get("/pagos", "listar_pagos"), async || ok(()));
    Service::new(service_info!(), environment.settings().unwrap()).routes(routes()).api(api).into_router()
}

fn around() -> Router {
    standardize(routes())
}

fn layered() -> Router {
    routes().layer(StandardsLayer::new())
}

async fn ask(rung: fn() -> Router, path: &str) -> Exchange {
    support::send(&rung(), Request::get(path).header("origin", "https://a.cl").body(Body::empty()).unwrap()).await
}

async fn succeeds(rung: fn() -> Router, path: &str) -> bool {
    ask(rung, path).await.status == 200
}

async fn is_dressed(rung: fn() -> Router, path: &str, status: u16) -> bool {
    let exchange = ask(rung, path).await;
    exchange.status == status && exchange.body.starts_with(r#"{"success":false,"#)
}

/// The answer to a body of so many bytes.
async fn upload(rung: fn() -> Router, bytes: usize) -> u16 {
    support::send(&rung(), Request::post("/grande").body(Body::from(vec![b'a'; bytes])).unwrap()).await.status
}

/// Whether a third request is refused while the answers of two are unread.
async fn sheds(rung: fn() -> Router) -> bool {
    let router = rung();
    let ask = async || router.clone().oneshot(Request::get("/bien/7").body(Body::empty()).unwrap()).await.unwrap();
    let (_first, _second) = (ask().await, ask().await);
    ask().await.status() == 503
}

/// Whether the eleventh request of a client is refused.
async fn limits(rung: fn() -> Router) -> bool {
    let router = rung();
    let mut last = 0;
    for _ in 0..11 {
        last = support::get(&router, "/bien/7").await.status;
    }
    last == 429
}

/// Whether there is a page of metrics; a build without them has the table's word for it.
async fn is_metered(rung: fn() -> Router) -> bool {
    if cfg!(feature = "metrics") { succeeds(rung, "/metrics").await } else { std::ptr::fn_addr_eq(rung, whole as fn() -> Router) }
}

async fn good(rung: fn() -> Router) -> Exchange {
    ask(rung, "/bien/7").await
}

/// Whether the part of this row is on.
async fn is_on(part: &str, rung: fn() -> Router) -> bool {
    match part {
        "correlation id, in log and answer" => good(rung).await.headers.contains_key("x-correlation-id"),
        "one access record" => good(rung).await.access_record()["context"]["status"] == 200,
        "the route's template in it" => good(rung).await.access_record()["context"]["route"] == "/bien/{id}",
        "`X-Content-Type-Options: nosniff`" => good(rung).await.headers.contains_key("x-content-type-options"),
        "failures of others in the envelope" => is_dressed(rung, "/ajena", 409).await,
        "unknown routes in the envelope" => is_dressed(rung, "/nada", 404).await,
        "panics answered" => is_dressed(rung, "/rota", 500).await,
        "deadline" => is_dressed(rung, "/lenta", 503).await,
        "largest body" => upload(rung, 20_000).await == 413,
        "requests in flight" => sheds(rung).await,
        "requests of one client" => limits(rung).await,
        "CORS" => good(rung).await.headers.contains_key("access-control-allow-origin"),
        "health routes" => succeeds(rung, "/health/live").await,
        "`/metrics`" => is_metered(rung).await,
        "the API's document and page" => succeeds(rung, "/docs").await && succeeds(rung, "/api/v1/openapi.json").await,
        other => panic!("nothing drives {other:?}"),
    }
}

/// The rows of the table: the part, and what is said of each rung.
fn rows() -> Vec<(&'static str, Vec<&'static str>)> {
    let (_, section) = include_str!("../../../docs/adoption.md").split_once("## What every rung switches on").unwrap();
    let rows = section.lines().skip_while(|line| !line.starts_with("|---")).skip(1).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let mut cells = row.trim_matches('|').split('|').map(str::trim);
        (cells.next().unwrap(), cells.collect())
    })
    .collect()
}

#[tokio::test(start_paused = true)]
async fn the_table_is_true() {
    let rows = rows();
    assert_eq!(rows.len(), 15, "{rows:#?}");
    for (part, said) in rows {
        assert_eq!(said.len(), RUNGS.len(), "{part}");
        for (rung, said) in RUNGS.into_iter().zip(said) {
            assert_eq!(is_on(part, rung).await, said.starts_with("yes"), "{part}: {said}");
        }
    }
}

#[tokio::test]
async fn an_existing_service_keeps_the_size_of_its_bodies() {
    for rung in [around, layered] {
        assert_eq!((upload(rung, 2 << 20).await, upload(rung, (2 << 20) + 1).await), (200, 413));
    }
}
