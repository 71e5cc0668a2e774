//! Panics, each one a record.

use std::panic::catch_unwind;

use serde_json::json;
use standards_core::CorrelationId;
use standards_core::context;
use standards_core::log::capture::Capture;

use crate::support::request;

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_in_a_task_carries_the_request() {
    let id = CorrelationId::generate();
    let captured = Capture::of(&id);
    let task = context::scope(request(id.as_str()), async {
        context::spawn(async { panic!("saldo {}", "roto") }).await.unwrap_err();
        context::spawn_blocking(|| panic!("bloqueo")).await.unwrap_err();
    });
    task.await;
    captured.assert_logged(&json!({
        "level": "ERROR",
        "message": "Error no controlado (panic)",
        "endpoint": "/api/v1/pagos",
        "error": {"type": "panic", "message": "saldo roto"}
    }));
    let records = captured.records();
    assert_eq!(records.len(), 2, "{records:#?}");
    assert!(records[0]["traceback"].as_str().unwrap().starts_with(file!()));
}

#[test]
fn a_panic_on_a_thread_without_a_request_belongs_to_the_process() {
    let captured = Capture::of_process();
    std::thread::spawn(|| panic!("hilo suelto 7d1")).join().unwrap_err();
    captured.assert_logged(&json!({"level": "ERROR", "error": {"type": "panic", "message": "hilo suelto 7d1"}}));
}

#[test]
fn a_panic_on_a_thread_that_knows_only_the_span_carries_the_request() {
    let id = CorrelationId::generate();
    let captured = Capture::of(&id);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(context::scope(request(id.as_str()), async {
        let span = tracing::Span::current();
        std::thread::spawn(move || span.in_scope(|| panic!("conductor"))).join().unwrap_err();
    }));
    captured.assert_logged(&json!({"error": {"type": "panic", "message": "conductor"}}));
}

#[test]
fn a_payload_that_is_no_text_is_still_a_record() {
    let id = CorrelationId::generate();
    let captured = Capture::of(&id);
    context::sync_scope(request(id.as_str()), || catch_unwind(|| std::panic::panic_any(7)).unwrap_err());
    captured.assert_logged(&json!({"error": {"type": "panic", "message": "(no message)"}}));
}
