//! What is asserted of an answer, and what a failing assertion tells.

use axum::routing::post;
use axum::{Router, response::IntoResponse};
use serde::Deserialize;
use serde_json::{Value, json};
use standards_core::{ErrorItem, Failure, FieldError};

use super::*;
use crate::{ApiError, Reply, ok, standardize};

async fn pagar() -> Reply<Value> {
    tracing::debug!("Buscando el cliente");
    tracing::info!(pago_id = 7, "Pago procesado");
    Reply::new(json!({"id": 7, "monto": "1.00", "de": [{"id": 1}, {"id": 2}]}))
}

async fn rechazar() -> Result<Reply<()>, ApiError> {
    let field = |name| FieldError::new(name, "es obligatorio", "is required");
    Err(Failure::validation(vec![field("monto"), field("moneda")]).into())
}

fn app() -> TestApp {
    TestApp::new(standardize(Router::new().route("/pagos", post(pagar).put(rechazar))))
}

#[derive(Debug, Deserialize, PartialEq)]
struct Pago {
    id: u64,
    monto: String,
}

#[tokio::test]
async fn what_is_there_can_be_asserted() {
    let paid = app().post("/pagos").await;
    paid.assert_status(200).assert_data_holds(&json!({"monto": "1.00", "de": [{"id": 1}, {"id": 2}]}));
    paid.assert_data(&json!({"id": 7, "monto": "1.00", "de": [{"id": 1}, {"id": 2}]}));
    assert_eq!(paid.data_as::<Pago>(), Pago { id: 7, monto: "1.00".to_owned() });
    assert!(!paid.is_replay() && paid.header("x-content-type-options") == Some("nosniff"));
    paid.assert_messages(&["Pago procesado", "Solicitud atendida"]).assert_logged(&json!({"context": {"pago_id": 7}}));
    let expected = json!({"http_method": "POST", "route": "/pagos", "status": 200});
    assert_eq!(paid.access_record()["context"], expected);
}

#[tokio::test]
async fn a_failure_is_asserted_item_by_item() {
    let refused = app().put("/pagos").await;
    refused.assert_invalid(&["monto: es obligatorio", "moneda: es obligatorio"]);
    assert_eq!(refused.errors()[1], ErrorItem::new("VALIDATION_ERROR", "moneda: es obligatorio"));
    let told = told(|| _ = refused.assert_invalid(&["monto: es obligatorio", "moneda: no está"]));
    assert!(told.contains("\n  errors[1].message: expected \"moneda: no está\", found \"moneda: es obligatorio\"\n"), "{told}");
}

#[tokio::test]
async fn a_failing_assertion_tells_the_request_the_difference_the_answer_and_the_log() {
    let (paid, line) = (app().post("/pagos").await, line!());
    let told = told(|| _ = paid.assert_data(&json!({"id": 7, "monto": "2.00", "de": [{"id": 1}, {"id": 3}]})));
    let (request, rest) = told.split_once(", was answered otherwise than expected:\n").unwrap();
    assert!(request.starts_with(&format!("POST /pagos, sent at {}:{line}:", file!())), "{told}");
    let different = "  data.de[1].id: expected 3, found 2\n  data.monto: expected \"2.00\", found \"1.00\"\nanswer: 200\n";
    assert!(rest.starts_with(different), "{told}");
    assert!(
        told.ends_with("\nrecords:\n  DEBUG Buscando el cliente\n  INFO Pago procesado\n  INFO Solicitud atendida"),
        "{told}"
    );
}

#[tokio::test]
async fn each_assertion_can_fail() {
    let (paid, refused) = (app().post("/pagos").await, app().put("/pagos").await);
    let failing: [(&str, &dyn Fn()); 11] = [
        ("status: expected 201, found 200", &|| _ = paid.assert_status(201)),
        ("data.estado: expected \"X\", found nothing", &|| _ = paid.assert_data_holds(&json!({"estado": "X"}))),
        ("data.de: expected nothing, found", &|| _ = paid.assert_data(&json!({"id": 7, "monto": "1.00"}))),
        ("status: expected a success, found 422", &|| drop(refused.data())),
        ("status: expected a failure, found 200", &|| drop(paid.errors())),
        ("status: expected 404, found 422", &|| _ = refused.assert_failure(404, "HTTP_ERROR", "x")),
        ("status: expected 400, found 200", &|| _ = paid.assert_failure(400, "X", "x")),
        ("data: missing field `saldo`", &|| drop(paid.data_as::<Saldo>())),
        ("messages: expected [\"Otro\"], found", &|| _ = paid.assert_messages(&["Otro"])),
        ("no such record; the nearest differs in", &|| _ = paid.assert_logged(&json!({"message": "Otro"}))),
        ("access record: expected one, found 0", &|| drop(nobody().access_record())),
    ];
    for (sentence, assertion) in failing {
        let told = told(assertion);
        assert!(told.contains(sentence), "{sentence}: {told}");
    }
}

#[derive(Debug, Deserialize)]
struct Saldo {
    #[expect(dead_code, reason = "never read, since it is never there")]
    saldo: String,
}

/// An answer that no service has given.
fn nobody() -> TestAnswer {
    bare(|| "hola".into_response()).now_or_never().unwrap()
}

#[tokio::test]
async fn what_is_no_envelope_is_told() {
    for (status, body, sentence) in [
        (200, r#"{"success":true,"data":1}"#, "its keys are not success, data, errors"),
        (200, r#"{"success":true,"data":1,"errors":[],"meta":1}"#, "its keys are not success, data, errors"),
        (200, r#"{"success":false,"data":1,"errors":[]}"#, "success is not what the status says"),
        (200, r#"{"success":true,"data":1,"errors":[1]}"#, "it has errors if and only if it failed"),
        (400, r#"{"success":true,"data":null,"errors":[1]}"#, "success is not what the status says"),
        (400, r#"{"success":false,"data":null,"errors":[]}"#, "it has errors if and only if it failed"),
        (400, r#"{"success":false,"data":1,"errors":[1]}"#, "it has data though it failed"),
        (200, "[]", "body: no JSON object"),
        (200, "hola", "body: expected value"),
    ] {
        let answer = bare_json(status, body).await;
        let told = told(|| drop(answer.envelope()));
        assert!(told.contains(sentence), "{body}: {told}");
    }
    let untyped = bare(|| r#"{"success":true,"data":1,"errors":[]}"#.into_response()).await;
    assert!(told(|| drop(untyped.data())).contains("content-type is not application/json"));
}

#[tokio::test]
async fn records_of_requests_that_run_side_by_side_do_not_mix() {
    let contar = async |axum::extract::Path(number): axum::extract::Path<u32>| {
        tokio::task::yield_now().await;
        tracing::info!(number, "Contado");
        ok(number)
    };
    let app = || TestApp::new(standardize(Router::new().route("/{number}", get(contar))));
    let (one, other) = (app(), app());
    let asked = (0..100).map(|number| {
        let app = if number % 2 == 0 { &one } else { &other };
        app.get(&format!("/{number}")).into_future()
    });
    for (number, answer) in futures_util::future::join_all(asked).await.iter().enumerate() {
        answer.assert_data(&json!(number)).assert_messages(&["Contado", "Solicitud atendida"]);
        answer.assert_logged(&json!({"context": {"number": number}}));
    }
}
