//! Testing with the kit: requests by one line, what came of each, another service played by the test, a clock that does not wait.
//!
//! ```console
//! $ cargo test -p examples --bin ejemplos pruebas
//! test pruebas::lo_que_se_responde_y_lo_que_se_registra ... ok
//! test pruebas::otro_servicio_que_rechaza ... ok
//! test pruebas::un_servicio_que_calla_es_503_sin_esperarlo ... ok
//! ```

use std::time::Duration;

use serde_json::json;
use standards_axum::Service;
use standards_axum::client::Client;
use standards_axum::core::settings::Environment;
use standards_axum::prelude::*;
use standards_axum::testing::{PausedClock, StubUpstream, TestApp};
use standards_axum::url::Url;

settings! {
    /// What the service is configured with.
    pub struct Ajustes {
        ..standard: StandardSettings;
        /// Where the other service is.
        tarifas_url: Url = "TARIFAS_URL", required;
    }
}

async fn precio(State(tarifas): State<Client>) -> ApiResult<String> {
    info!("Consultando tarifa");
    ok(tarifas.get("/tarifa").send().await?)
}

fn app(tarifas: &StubUpstream) -> TestApp {
    let ajustes: Ajustes = Environment::from_pairs([("TARIFAS_URL", tarifas.url().as_str())]).settings().unwrap();
    let client = Client::new("tarifas", ajustes.tarifas_url).unwrap().with_patience(Duration::from_secs(2));
    let routes = Router::new().route("/precio", get(precio)).with_state(client);
    TestApp::new(Service::new(service_info!(), ajustes.standard).routes(routes))
}

#[tokio::test]
async fn lo_que_se_responde_y_lo_que_se_registra() {
    let tarifas = StubUpstream::with_data(json!("12.50")).await;
    let answer = app(&tarifas).get("/precio").correlation_id("pedido-7").await;
    answer.assert_data(&json!("12.50"));
    answer.assert_logged(&json!({"level": "INFO", "message": "Consultando tarifa", "correlation_id": "pedido-7"}));
    assert_eq!(tarifas.only().header("x-correlation-id"), Some("pedido-7"));
}

#[tokio::test]
async fn otro_servicio_que_rechaza() {
    let tarifas = StubUpstream::failing(400, "TARIFA_CERRADA", "La tarifa está cerrada").await;
    let refused = app(&tarifas).get("/precio").await;
    assert_eq!((refused.status(), refused.access_record()["level"].as_str()), (400, Some("WARNING")));
}

#[tokio::test]
async fn un_servicio_que_calla_es_503_sin_esperarlo() {
    let tarifas = StubUpstream::silent().await;
    let _clock = PausedClock::skipping();
    let answer = app(&tarifas).get("/precio").await;
    answer.assert_failure(503, "SERVICE_UNAVAILABLE", "Servicio no disponible, intente más tarde");
}
