//! What operators are shown.

use std::sync::Arc;

use axum::routing::{get, post};
use serde_json::json;
use standards_axum::Readiness;
use standards_core::Failure;
use standards_core::log::capture::Capture;
use standards_core::resilience::{CircuitBreaker, CircuitPolicy};
use tokio::sync::Notify;
use tracing::info;

use super::*;

/// A route that waits until it is let go.
fn waiting(gate: &Arc<Notify>) -> Router {
    let gate = gate.clone();
    Router::new().route("/caja/{id}/cierre", post(move || async move { gate.notified().await }))
}

#[tokio::test]
async fn what_hangs_is_told_with_its_id_route_verb_and_age() {
    let gate = Arc::new(Notify::new());
    let (service, id) = (serve(waiting(&gate)).await, CorrelationId::generate());
    assert_eq!(service.get("/admin/requests").await, json!([]));
    let hanging = context::spawn({
        let (main, id) = (service.main, id.clone());
        async move { send(main, &id, "POST /caja/7/cierre", "", "").await.status }
    });
    let of_id = |requests: &Value| requests[0]["route"].is_string();
    let requests = eventually(async || Some(service.get("/admin/requests").await).filter(of_id)).await;
    assert_eq!(requests.as_array().unwrap().len(), 1);
    let told = &requests[0];
    assert_eq!((&told["correlation_id"], &told["method"]), (&id.as_str().into(), &"POST".into()));
    assert_eq!(told["route"], "/caja/{id}/cierre");
    assert!(told["age_ms"].is_u64());
    gate.notify_one();
    assert_eq!(hanging.await.unwrap(), 200);
    eventually(async || (service.get("/admin/requests").await == json!([])).then_some(())).await;
}

#[tokio::test]
async fn operators_are_served_until_the_service_has_ended() {
    let gate = Arc::new(Notify::new());
    let Running { main, admin, stop, ended } = serve(waiting(&gate)).await;
    let id = CorrelationId::generate();
    let hanging = context::spawn(async move { send(main, &id, "POST /caja/7/cierre", "", "").await.status });
    let requests = async || send(admin, &CorrelationId::generate(), "GET /admin/requests", "", "").await.data();
    eventually(async || requests().await[0]["route"].is_string().then_some(())).await;
    stop.send(()).unwrap();
    let ready = async || send(main, &CorrelationId::generate(), "GET /health/ready", "", "").await.status;
    eventually(async || (ready().await == 503).then_some(())).await;
    assert_eq!(requests().await[0]["route"], "/caja/{id}/cierre");
    gate.notify_one();
    assert_eq!((hanging.await.unwrap(), ended.await.unwrap()), (200, Exit::Stopped));
    assert!(TcpStream::connect(admin).await.is_err());
}

#[tokio::test]
async fn each_dependency_tells_since_when_it_is_so_and_why_it_last_failed() {
    let down = async || Err(Failure::unavailable("no route to postgres://pagos:s3cr3t@db/pagos"));
    let readiness = Readiness::default().with_check("db", async || Ok(())).with_optional_check("caché", down);
    let service = serve_with(Service::new(service_info!(), settings(LOCAL)).readiness(readiness)).await;
    let health = service.get("/admin/health").await;
    let told: Vec<_> = health.as_array().unwrap().iter().map(|check| (&check["name"], &check["status"])).collect();
    assert_eq!(told, [(&"db".into(), &"ok".into()), (&"caché".into(), &"failing".into())]);
    assert_eq!(health[0]["last_failure"], Value::Null);
    let failure = health[1]["last_failure"].as_str().unwrap();
    assert!(failure.starts_with("no route to postgres://") && !failure.contains("s3cr3t"), "{failure}");
    for check in health.as_array().unwrap() {
        assert!(check["duration_ms"].is_f64() && check["since"].as_str().unwrap().ends_with('Z'), "{check}");
    }
}

#[tokio::test]
async fn each_circuit_breaker_tells_its_state_and_what_it_judges_by() {
    let [redis, clientes] = ["redis", "clientes"].map(|name| CircuitBreaker::new(name, CircuitPolicy::default()));
    let service = Service::new(service_info!(), settings(LOCAL)).circuit(&redis).circuit(&clientes).circuit(&redis);
    let service = serve_with(service).await;
    (0..10).for_each(|_| redis.acquire().unwrap().failure());
    assert!(redis.acquire().is_err());
    let mut circuits = service.get("/admin/circuits").await;
    for circuit in circuits.as_array_mut().unwrap() {
        assert!(circuit["since"].take().as_str().unwrap().ends_with('Z'));
    }
    let expected = json!([
        {"name": "redis", "state": "open", "since": null, "failure_rate": 100.0, "slow_rate": 0.0, "calls": 10, "not_permitted": 1},
        {"name": "clientes", "state": "closed", "since": null, "failure_rate": null, "slow_rate": null, "calls": 0, "not_permitted": 0},
    ]);
    assert_eq!(circuits, expected);
}

#[cfg(feature = "metrics")]
#[tokio::test]
async fn circuit_breakers_of_the_service_are_on_its_page_of_metrics() {
    let redis = CircuitBreaker::new("redis", CircuitPolicy::default());
    let service = serve_with(Service::new(service_info!(), settings(LOCAL)).circuit(&redis)).await;
    let page = service.ask("GET /metrics", "", "").await.body;
    assert!(page.contains("circuit_breaker_state{name=\"redis\",state=\"closed\"} 1\n"), "{page}");
}

#[tokio::test]
async fn layers_are_told_from_the_outside_in() {
    let service = serve(Router::new()).await;
    let expected = ["nosniff", "correlation", "access_log", "envelope", "framing", "admission", "catch_panic", "deadline"];
    let layers = service.get("/admin/layers").await;
    let told: Vec<_> = layers.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(told, [&expected[..], &["body_limit"]].concat());
}

#[tokio::test]
async fn each_place_that_has_logged_tells_what_it_cost() {
    let noisy = get(async || {
        for vuelta in 0..10 {
            info!(vuelta, relleno = "x".repeat(500), "Vuelta dada");
        }
    });
    let service = serve(Router::new().route("/ruido", noisy)).await;
    let id = CorrelationId::generate();
    assert_eq!(send(service.main, &id, "GET /ruido", "", "").await.status, 200);
    let lines = Capture::of(&id).lines();
    let written = lines.iter().filter(|line| line.contains("Vuelta dada")).map(|line| line.trim_end().len() as u64 + 1);
    let answer = service.get("/admin/logs").await;
    let places = answer.as_array().unwrap();
    let is_noisy = |place: &&Value| place["metadata"]["fields"] == json!(["message", "vuelta", "relleno"]);
    let place = places.iter().find(is_noisy).unwrap();
    assert_eq!((&place["records"], place["bytes"].as_u64()), (&10.into(), Some(written.sum())));
    assert_eq!((&place["metadata"]["level"], &place["metadata"]["is_event"]), (&"INFO".into(), &true.into()));
    assert!(place["metadata"]["file"].as_str().unwrap().ends_with("shown.rs") && place["metadata"]["line"].is_u64());
}

#[tokio::test]
async fn places_that_have_logged_are_told_most_bytes_first_those_by_hand_included() {
    let service = serve(Router::new()).await;
    assert_eq!(send(service.main, &CorrelationId::generate(), "GET /health/live", "", "").await.status, 200);
    let answer = service.get("/admin/logs").await;
    let places = answer.as_array().unwrap();
    let sizes: Vec<_> = places.iter().map(|place| place["bytes"].as_u64().unwrap()).collect();
    assert!(sizes.is_sorted_by(|first, second| first >= second), "{sizes:?}");
    let by_hand = places.iter().find(|place| place["metadata"]["target"] == "standards::access").unwrap();
    assert!(by_hand["metadata"]["file"].as_str().unwrap().ends_with("access_log.rs"), "{by_hand}");
}

#[tokio::test]
async fn who_only_looks_is_logged_as_a_probe() {
    let (service, id) = (serve(Router::new()).await, CorrelationId::generate());
    send(service.admin, &id, "GET /admin/layers", "", "").await.data();
    let record = Capture::of(&id).record("Sonda atendida");
    assert_eq!((&record["level"], &record["context"]["route"]), (&"DEBUG".into(), &"/admin/layers".into()));
}
