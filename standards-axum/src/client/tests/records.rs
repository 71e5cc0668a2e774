//! How calls are told.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use standards_core::settings::{Secret, SettingValue};

use super::*;

#[tokio::test]
async fn a_call_is_one_record() {
    let (_, log) = asked::<u8>(stub::json(200, FINE)).await;
    let mut record = record_of(&log);
    assert!(record["context"]["duration_ms"].as_f64().unwrap() >= 0.0);
    for volatile in ["@timestamp", "correlation_id"] {
        record.as_object_mut().unwrap().remove(volatile);
    }
    record["context"].as_object_mut().unwrap().remove("duration_ms");
    let expected = json!({
        "level": "INFO", "artifact": "ms-prueba", "version": "1.0.0", "endpoint": "/compras", "method": "POST", "message": "Llamada atendida",
        "context": {
            "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "span_id": "00f067aa0ba902b7",
            "upstream": "clientes", "http_method": "GET", "path": "/clientes/7", "attempts": 1, "upstream_status": 200,
        },
    });
    assert_eq!(record, expected);
}

const CONFIDENCES: [&str; 4] = ["tok-abcdef123456", "hunter2secreto", "pedido-secreto-7", "llave-de-api"];

/// A call that says each of them: as a token, in its query, as a key and in a header of its own.
fn in_confidence(client: &Client) -> Call {
    let [token, query, key, header] = CONFIDENCES;
    let call = client.get("/clientes").query("clave", query).bearer(&Secret::parse(token).unwrap());
    let call = call.idempotency_key(&key.parse().unwrap());
    call.header(http::HeaderName::from_static("x-api-key"), http::HeaderValue::from_static(header))
}

#[tokio::test]
async fn what_is_told_in_confidence_is_in_no_record() {
    let echo = format!("<p>Bearer {} </p>", CONFIDENCES.join(" ?clave="));
    let envelope = format!(r#"{{"success":false,"data":null,"errors":[{{"code":"ECO","message":"{echo}"}}]}}"#);
    for answer in [http(500, "text/html", &echo), http(200, "text/html", &echo), stub::json(400, &envelope), Answer::Silence] {
        let stub = Stub::new([answer]).await;
        let call = in_confidence(&stub.client().with_attempts(1).with_patience(Duration::from_millis(400)));
        let shown = format!("{call:?}");
        let (result, log) = made(call.send::<u8>()).await;
        let failure = result.unwrap_err();
        let body = serde_json::to_string(&failure.body(Language::Es)).unwrap();
        let told = [shown, log.lines().concat(), failure.cause_chain(), body].concat();
        assert!(CONFIDENCES.iter().all(|secret| !told.contains(secret)), "{told}");
        assert_eq!(record_of(&log)["context"]["path"], "/clientes");
    }
}

#[tokio::test]
async fn the_other_service_s_sentences_are_bounded() {
    let item = format!(r#"{{"code":"A","message":"{}"}}"#, "palabra ".repeat(500));
    let body = format!(r#"{{"success":false,"data":null,"errors":[{}]}}"#, vec![item; 100].join(","));
    let (_, log) = asked::<u8>(stub::json(400, &body)).await;
    let told = record_of(&log)["context"]["upstream_errors"].as_str().unwrap().len();
    assert!((100..=1027).contains(&told), "{told}");
}

type Seen = Arc<Mutex<Vec<(String, &'static str, Option<u16>, u32, Option<&'static str>)>>>;

fn observed(client: Client) -> (Client, Seen) {
    let seen = Seen::default();
    let noted = seen.clone();
    let client = client.with_observer(move |call: &CallOutcome<'_>| {
        let status = call.status.map(|status| status.as_u16());
        let code = call.failure.map(|failure| failure.entry().code);
        noted.lock().unwrap().push((call.method.to_string(), call.outcome(), status, call.attempts, code));
    });
    (client, seen)
}

#[tokio::test]
async fn observers_are_told_the_same() {
    let stub = Stub::new([stub::json(200, FINE), refused(404, "AUSENTE"), http(503, "text/plain", "no")]).await;
    let (client, seen) = observed(stub.client());
    client.get("/").send::<u8>().await.unwrap();
    client.post("/").send::<u8>().await.unwrap_err();
    client.delete("/").send::<u8>().await.unwrap_err();
    let expected = [
        ("GET".to_owned(), "ok", Some(200), 1, None),
        ("POST".to_owned(), "refused", Some(404), 1, Some("AUSENTE")),
        ("DELETE".to_owned(), "failed", Some(503), 3, Some("SERVICE_UNAVAILABLE")),
    ];
    assert_eq!(*seen.lock().unwrap(), expected);
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_is_told_too() {
    let stub = Stub::new([Answer::Silence]).await;
    let (client, seen) = observed(stub.client());
    let (request, log) = request();
    let left = tokio::time::timeout(Duration::from_millis(200), context::scope(request, client.get("/x").send::<u8>())).await;
    assert!(left.is_err());
    let record = record_of(&log);
    assert_eq!((&record["level"], &record["message"]), (&json!("WARNING"), &json!("Llamada abandonada")));
    assert_eq!(*seen.lock().unwrap(), [("GET".to_owned(), "abandoned", None, 1, None)]);
}

#[tokio::test]
async fn a_raw_answer_is_a_record_too() {
    let stub = Stub::new([http(404, "text/plain", "no")]).await;
    let (result, log) = made(stub.client().get("/x").send_raw()).await;
    assert_eq!(result.unwrap().body().as_ref(), b"no");
    let record = record_of(&log);
    assert_eq!((&record["level"], &record["context"]["upstream_status"]), (&json!("WARNING"), &json!(404)));
}
