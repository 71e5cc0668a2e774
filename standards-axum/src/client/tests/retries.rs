//! What is sent again, how often, and when.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request, Response};
use standards_core::idempotency::Key;
use tower::layer::layer_fn;
use tower::service_fn;

use super::*;

/// How often a service that is down twice is asked, and whether it then answered.
async fn asked_of(down: Answer, call: impl FnOnce(&Client) -> Call) -> (usize, bool) {
    let stub = Stub::new([down.clone(), down, stub::json(200, FINE)]).await;
    let result = call(&stub.client()).send::<u8>().await;
    (stub.requests().len(), result.is_ok())
}

#[tokio::test]
async fn what_may_be_repeated_is() {
    let key: Key = "pedido-7".parse().unwrap();
    for method in [Method::GET, Method::OPTIONS, Method::PUT, Method::DELETE] {
        assert_eq!(asked_of(refused(503, "AUSENTE"), |client| client.request(method, "/x")).await, (3, true));
    }
    assert_eq!(asked_of(refused(503, "AUSENTE"), |client| client.post("/x").idempotency_key(&key)).await, (3, true));
    for method in [Method::POST, Method::PATCH] {
        assert_eq!(asked_of(refused(503, "AUSENTE"), |client| client.request(method, "/x")).await, (1, false));
    }
}

#[tokio::test]
async fn only_what_may_fare_better_is_repeated() {
    let in_process = with_header(409, "application/json", "retry-after: 0", "");
    for down in [408, 425, 429, 502, 503, 504].map(|status| http(status, "text/plain", "no")).into_iter().chain([in_process]) {
        assert_eq!(asked_of(down, |client| client.get("/x")).await, (3, true));
    }
    for broken in ["", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}"] {
        assert_eq!(asked_of(Answer::Bytes(broken.into()), |client| client.get("/x")).await, (3, true), "{broken}");
    }
    for lasting in [400, 404, 409, 500, 302].map(|status| http(status, "text/plain", "no")) {
        assert_eq!(asked_of(lasting, |client| client.get("/x")).await, (1, false));
    }
    for wrong in ["nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx"] {
        assert_eq!(asked_of(Answer::Bytes(wrong.into()), |client| client.get("/x")).await, (1, false), "{wrong}");
    }
}

#[tokio::test]
async fn each_attempt_is_the_same_request() {
    let key: Key = "pedido-7".parse().unwrap();
    let stub = Stub::new([http(503, "text/plain", "no"), stub::json(200, FINE)]).await;
    let (result, log) =
        made(stub.client().post("/pagos").idempotency_key(&key).json(&json!({"monto": "1.00"})).send::<u8>()).await;
    assert_eq!(result.unwrap(), 7);
    let sent = stub.requests();
    assert!(sent.len() == 2 && sent[0] == sent[1] && sent[0].contains("idempotency-key: pedido-7\r\n"), "{sent:?}");
    let record = record_of(&log);
    assert_eq!((&record["message"], &record["context"]["attempts"]), (&json!("Llamada atendida"), &json!(2)));
}

#[tokio::test]
async fn the_other_service_says_when_to_come_back() {
    let later = |seconds| with_header(503, "application/json", &format!("retry-after: {seconds}"), "");
    let stub = Stub::new([later(1), stub::json(200, FINE)]).await;
    let started = Instant::now();
    assert_eq!(stub.client().get("/").send::<u8>().await.unwrap(), 7);
    assert!(started.elapsed() >= Duration::from_secs(1));

    // Longer than the call may take: nobody waits in vain, and the client is told.
    let stub = Stub::new([later(30)]).await;
    let failure = stub.client().get("/").send::<u8>().await.unwrap_err();
    assert_eq!((stub.requests().len(), failure.retry_after()), (1, Some(Duration::from_secs(30))));
}

#[tokio::test]
async fn as_often_as_the_client_is_told() {
    for (told, attempts) in [(0, 1), (1, 1), (2, 2), (5, 5)] {
        let stub = Stub::new([http(503, "text/plain", "no")]).await;
        stub.client().with_attempts(told).get("/").send::<u8>().await.unwrap_err();
        assert_eq!(stub.requests().len(), attempts);
    }
}

/// What nobody answers but with 503.
fn down() -> Response<Bytes> {
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
    answer
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_down_is_not_asked_thrice_as_often() {
    let asked = AtomicUsize::new(0);
    let counted = &asked;
    let answer = move |_: Request<Bytes>| {
        counted.fetch_add(1, Ordering::Relaxed);
        std::future::ready(Ok::<_, Failure>(down()))
    };
    let answering = layer_fn(move |_| service_fn(answer));
    let client = Client::new("clientes", stub::base("127.0.0.1:1".parse().unwrap())).unwrap().layer(answering);
    for _ in 0..1000 {
        // Clones share the budget.
        client.clone().get("/").send::<u8>().await.unwrap_err();
    }
    let asked = asked.load(Ordering::Relaxed);
    assert!((1200..=1210).contains(&asked), "{asked}");
}
