//! What is told of circuit breakers.

use std::time::Duration;

use serde_json::{Value as Json, json};
use standards_core::log::capture::Capture;
use standards_core::resilience::{CircuitBreaker, CircuitPolicy};
use standards_core::{CorrelationId, RequestContext, context};

#[tokio::test(start_paused = true)]
async fn each_change_is_one_record_in_its_order_and_a_refused_call_is_none() {
    let id = CorrelationId::generate();
    let log = Capture::of(&id);
    context::scope(RequestContext::new(id, "/saludos", "GET"), open_and_close()).await;
    let expected = [
        told("WARNING", "Cortacircuitos abierto", "closed", "open"),
        told("INFO", "Cortacircuitos a prueba", "open", "half_open"),
        told("INFO", "Cortacircuitos cerrado", "half_open", "closed"),
        told("INFO", "Cortacircuitos abierto a mano", "closed", "forced_open"),
        told("INFO", "Cortacircuitos desactivado", "forced_open", "disabled"),
    ];
    expected.iter().for_each(|record| log.assert_logged(record));
    assert_eq!(log.messages(), expected.map(|record| record["message"].as_str().unwrap().to_owned()));
    let rates = json!({"message": "Cortacircuitos abierto", "context": {"calls": 10, "failure_rate": 50.0, "slow_rate": 0.0}});
    log.assert_logged(&rates);
}

async fn open_and_close() {
    let redis = CircuitBreaker::new("redis", CircuitPolicy::default());
    (0..5).for_each(|_| redis.acquire().unwrap().success());
    (0..5).for_each(|_| redis.acquire().unwrap().failure());
    (0..100).for_each(|_| assert!(redis.acquire().is_err()));
    tokio::time::advance(Duration::from_secs(5)).await;
    (0..3).for_each(|_| redis.acquire().unwrap().success());
    redis.force_open();
    redis.disable();
}

fn told(level: &str, message: &str, from: &str, to: &str) -> Json {
    json!({"level": level, "message": message, "context": {"circuit": "redis", "from": from, "to": to}})
}
