//! The new answers, byte for byte.

use standards_axum::testing::TestAnswer;

use crate::support::http::{AnswerExt as _, Api, PAGOS};
use crate::support::{Fixture, on_both_engines};

on_both_engines!(
    every_new_failure_is_told_in_spanish_and_in_english,
    an_annulled_pago_is_told_whole,
    the_log_tells_each_end_once
);

async fn with_ana(fixture: &Fixture) -> Api {
    let api = Api::over(fixture).await;
    assert_eq!(api.register("ana@x.cl", "1000.00").await, 1);
    assert_eq!(api.pay(1, "100.50").await.status(), 200);
    assert_eq!(api.post(&format!("{PAGOS}/1/anulacion"), "").await.status(), 200);
    api
}

/// Path and key; status, code, message in Spanish and in English.
type Refusal = ([&'static str; 2], u16, [&'static str; 3]);

const REFUSALS: &[Refusal] = &[
    (
        ["/api/v1/pagos/1/anulacion", "a"],
        400,
        [
            "PAGO_NO_ANULABLE",
            "El pago con ID 1 no se puede anular: está ANULADO",
            "The pago with ID 1 cannot be annulled: it is ANULADO",
        ],
    ),
    (["/api/v1/pagos/9/anulacion", "b"], 404, ["PAGO_NO_ENCONTRADO", "Pago con ID 9 no encontrado", "Pago with ID 9 not found"]),
    (
        ["/api/v1/pagos/1/anulacion", "c d"],
        400,
        [
            "IDEMPOTENCY_KEY_INVALIDA",
            "El encabezado Idempotency-Key debe tener de 1 a 255 caracteres ASCII visibles, sin espacios ni comas, una sola vez",
            "The Idempotency-Key header must have 1 to 255 visible ASCII characters, without spaces and commas, once",
        ],
    ),
    (
        ["/api/v1/pagos/2/anulacion", "a"],
        422,
        [
            "IDEMPOTENCY_KEY_REUTILIZADA",
            "La Idempotency-Key ya se usó con otra solicitud",
            "The Idempotency-Key was used with another request",
        ],
    ),
];

async fn every_new_failure_is_told_in_spanish_and_in_english(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    for ([path, key], status, [code, es, en]) in REFUSALS {
        let ask = |language: &str| api.post_once(path, &format!("{key}{language}"), "");
        ask("").await.assert_failure(*status, code, es);
        // A replay would speak Spanish; a refused key is no outcome.
        let other = if *status == 422 { "" } else { "en" };
        ask(other).language("en").await.assert_failure(*status, code, en);
    }
    let required = Api::with(&fixture, &[("IDEMPOTENCY_REQUIRED", "true")]).await;
    let ask = || required.post("/api/v1/pagos/1/anulacion", "");
    let code = "IDEMPOTENCY_KEY_REQUERIDA";
    ask().await.assert_failure(400, code, "El encabezado Idempotency-Key es obligatorio");
    ask().language("en").await.assert_failure(400, code, "The Idempotency-Key header is required");
}

async fn an_annulled_pago_is_told_whole(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    let paid = api.pay(1, "7.5").await;
    let annulled = api.post(&format!("{PAGOS}/2/anulacion"), "").await;
    assert_eq!(annulled.text(), paid.text().replace("PROCESADO", "ANULADO"));
    assert_eq!(api.get(&format!("{PAGOS}/2")).await.text(), annulled.text());
    assert_eq!(api.saldo(1).await, "1000.00");
}

#[track_caller]
fn lines(exchange: &TestAnswer) -> Vec<String> {
    let line = |record: &serde_json::Value| {
        let text = |key: &str| record[key].as_str().unwrap().to_owned();
        format!("{} {} {}", text("level"), text("method"), text("message"))
    };
    exchange.own_records().iter().map(line).collect()
}

async fn the_log_tells_each_end_once(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    let paid = api.post_once(PAGOS, "k", r#"{"cliente_id":1,"monto":"7.5"}"#).await;
    let begin = "INFO procesar_pago Iniciando procesamiento de pago";
    let access = "INFO procesar_pago Solicitud atendida";
    assert_eq!(lines(&paid), [begin, "INFO procesar_pago Pago procesado exitosamente", access]);
    let end = paid.log().record("Pago procesado exitosamente");
    let context = serde_json::json!({"cliente_id": 1, "pago_id": 2, "monto": "7.50", "moneda": "CLP", "nuevo_saldo": "992.50"});
    assert_eq!(end["context"], context);
    let again = api.post_once(PAGOS, "k", r#"{"cliente_id":1,"monto":"7.5"}"#).await;
    assert_eq!(lines(&again), [begin, "INFO procesar_pago Respuesta repetida de un pago ya procesado", access]);
    let annulled = api.post(&format!("{PAGOS}/2/anulacion"), "").await;
    let (begin, access) = ("INFO anular_pago Iniciando anulación de pago", "INFO anular_pago Solicitud atendida");
    assert_eq!(lines(&annulled), [begin, "INFO anular_pago Pago anulado exitosamente", access]);
    let context = serde_json::json!({"cliente_id": 1, "pago_id": 2, "monto": "7.50", "moneda": "CLP", "nuevo_saldo": "1000.00"});
    assert_eq!(annulled.log().record("Pago anulado exitosamente")["context"], context);
    let refused = api.post(&format!("{PAGOS}/2/anulacion"), "").await;
    let warning = "WARNING anular_pago Error de dominio: El pago con ID 2 no se puede anular: está ANULADO";
    assert_eq!(lines(&refused), [begin, warning]);
}
