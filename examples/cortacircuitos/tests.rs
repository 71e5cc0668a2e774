//! What the clients of the service see while the one behind it fails, and afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::response::IntoResponse;
use serde_json::json;
use standards_axum::core::settings::Environment;
use standards_axum::testing::{PausedClock, StubUpstream, TestApp};

use super::*;

/// The clients' service, well or not as the test says.
async fn otro_servicio(sano: &Arc<AtomicBool>) -> StubUpstream {
    let sano = sano.clone();
    StubUpstream::answering(move || match sano.load(Ordering::Relaxed) {
        true => axum::Json(json!({"success": true, "data": {"saldo": "120.50", "nombre": "Ana"}, "errors": []})).into_response(),
        false => axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    })
    .await
}

/// The service, which calls that one, and a clock that stands still.
fn probar(otro: &StubUpstream) -> (TestApp, PausedClock) {
    let ajustes = Environment::from_pairs([("CLIENTES_URL", otro.url().as_str())]).settings().unwrap();
    (TestApp::new(servicio(ajustes).unwrap()), PausedClock::still())
}

/// One line per request: what it was answered, and how often the other service has been asked by then.
async fn pedir(app: &TestApp, otro: &StubUpstream) -> String {
    let answer = app.get("/saldos/7").await;
    let what = match answer.status() {
        200 => answer.data()["saldo"].to_string(),
        _ => format!("{}, Retry-After {}", answer.errors()[0].code, answer.header("retry-after").unwrap_or("-")),
    };
    format!("{} {what} ({} llamadas)", answer.status(), otro.sent().len())
}

const ESPERADO: [&str; 8] = [
    "503 SERVICE_UNAVAILABLE, Retry-After 1 (1 llamadas)",
    "503 SERVICE_UNAVAILABLE, Retry-After 1 (2 llamadas)",
    "503 SERVICE_UNAVAILABLE, Retry-After 1 (3 llamadas)",
    "503 SERVICE_UNAVAILABLE, Retry-After 5 (3 llamadas)",
    "503 SERVICE_UNAVAILABLE, Retry-After 2 (3 llamadas)",
    "503 SERVICE_UNAVAILABLE, Retry-After 1 (4 llamadas)",
    "503 SERVICE_UNAVAILABLE, Retry-After 5 (4 llamadas)",
    "200 \"120.50\" (5 llamadas)",
];

#[tokio::test]
async fn what_fails_is_left_alone_and_asked_again_after_a_while() {
    let sano = Arc::new(AtomicBool::new(false));
    let otro = otro_servicio(&sano).await;
    let (app, mut clock) = probar(&otro);
    let mut visto = Vec::new();
    // The circuit opens with the third; three seconds later it is still open; two more, and one probe fails.
    for seconds in [0, 0, 0, 0, 3, 2, 0, 5] {
        sano.store(seconds == 5, Ordering::Relaxed);
        if seconds > 0 {
            clock.advance(Duration::from_secs(seconds)).await;
        }
        visto.push(pedir(&app, &otro).await);
    }
    assert_eq!(visto, ESPERADO);
}

#[tokio::test]
async fn the_change_and_the_reason_are_in_the_log() {
    let otro = otro_servicio(&Arc::new(AtomicBool::new(false))).await;
    let (app, _clock) = probar(&otro);
    app.get("/saldos/7").await;
    app.get("/saldos/7").await;
    let opening = app.get("/saldos/7").await;
    opening.assert_logged(&json!({"level": "WARNING", "message": "Cortacircuitos abierto", "context": {"circuit": "clientes", "failure_rate": 100.0}}));
    let refused = app.get("/saldos/7").await;
    refused.assert_logged(
        &json!({"message": "Llamada fallida", "context": {"upstream": "clientes", "reason": "not_permitted", "attempts": 0}}),
    );
}

/// While the other service fails, and after the circuit has opened.
#[tokio::test]
async fn what_was_asked_before_is_known_whatever_fails() {
    let sano = Arc::new(AtomicBool::new(true));
    let otro = otro_servicio(&sano).await;
    let (app, mut clock) = probar(&otro);
    app.get("/nombres/7").await.assert_data(&json!({"nombre": "Ana"}));
    sano.store(false, Ordering::Relaxed);
    for _ in 0..5 {
        app.get("/saldos/7").await.assert_status(503);
        app.get("/nombres/7").await.assert_data(&json!({"nombre": "Ana"}));
    }
    app.get("/nombres/8").await.assert_status(503);
    assert_eq!(otro.sent().len(), 3, "one name and two balances");
    clock.advance(Duration::from_secs(70)).await;
    sano.store(true, Ordering::Relaxed);
    app.get("/nombres/7").await.assert_data(&json!({"nombre": "Ana"}));
    assert_eq!(otro.sent().len(), 4, "a minute is over");
}
