//! A service that is left alone.

use std::time::Duration;

use standards_core::resilience::{CircuitBreaker, CircuitPolicy, State};

use super::*;
use crate::layers::CircuitBreakerLayer;

fn breaker() -> CircuitBreaker {
    let policy = CircuitPolicy::default().with_minimum_calls(2).with_slow_after(Duration::MAX).with_wait(Duration::from_secs(60));
    CircuitBreaker::new("clientes", policy)
}

#[tokio::test]
async fn a_call_that_is_not_permitted_is_a_failure_with_its_reason_and_one_record() {
    let (stub, breaker) = (Stub::new([http(500, "text/plain", "no")]).await, breaker());
    let client = stub.client().layer(CircuitBreakerLayer::new(breaker.clone()));
    for _ in 0..2 {
        assert_eq!(reason_of(&client.get("/x").send::<u8>().await.unwrap_err()), Reason::Failed);
    }
    let (result, log) = made(client.get("/x").send::<u8>()).await;
    let failure = result.unwrap_err();
    assert_eq!((failure.status().as_u16(), failure.entry().code), (503, "SERVICE_UNAVAILABLE"));
    assert_eq!((reason_of(&failure), stub.requests().len()), (Reason::NotPermitted, 2));
    assert!(failure.retry_after().is_some_and(|wait| wait > Duration::from_secs(50)));
    let record = record_of(&log);
    let context = &record["context"];
    assert_eq!((&record["message"], &record["level"]), (&json!("Llamada fallida"), &json!("WARNING")));
    assert_eq!(
        (&context["reason"], &context["attempts"], &context["upstream"]),
        (&json!("not_permitted"), &json!(0), &json!("clientes"))
    );
    assert_eq!(context["error"], "clientes: it failed too often and is left alone: circuit clientes is open");
    assert_eq!(breaker.snapshot().not_permitted, 1, "it is never repeated");
}

#[tokio::test]
async fn each_attempt_counts_and_the_last_one_opens_the_circuit() {
    let (stub, breaker) = (Stub::new([http(503, "text/plain", "no")]).await, breaker());
    let client = stub.client().layer(CircuitBreakerLayer::new(breaker.clone()));
    let (result, log) = made(client.get("/x").send::<u8>()).await;
    assert_eq!(reason_of(&result.unwrap_err()), Reason::NotPermitted, "the third attempt is not made");
    assert_eq!((stub.requests().len(), breaker.state()), (2, State::Open));
    assert_eq!(record_of(&log)["context"]["attempts"], 2);
}

#[tokio::test]
async fn refusals_do_not_open_it() {
    let (stub, breaker) = (Stub::new([refused(404, "AUSENTE")]).await, breaker());
    let client = stub.client().layer(CircuitBreakerLayer::new(breaker.clone()));
    for _ in 0..4 {
        assert_eq!(reason_of(&client.get("/x").send::<u8>().await.unwrap_err()), Reason::Refused);
    }
    assert_eq!((breaker.state(), breaker.snapshot().failure_rate), (State::Closed, Some(0.0)));
}

#[tokio::test]
async fn calls_that_are_late_open_it_as_slow_ones() {
    let stub = Stub::new([Answer::Silence]).await;
    let slow = CircuitBreaker::new("clientes", CircuitPolicy::default().with_minimum_calls(2));
    let client = stub.client().with_patience(Duration::from_millis(200)).layer(CircuitBreakerLayer::new(slow.clone()));
    for _ in 0..2 {
        assert_eq!(reason_of(&client.get("/x").send::<u8>().await.unwrap_err()), Reason::Late);
    }
    assert_eq!((slow.state(), slow.snapshot().slow_rate), (State::Open, Some(100.0)));
}
