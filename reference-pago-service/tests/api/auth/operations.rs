//! Each operation of the document.

use http::Method;
use serde_json::Value;
use standards_axum::testing::{TestAnswer, TestRequest};

use super::{ANOTHER_KEY, KEY, VARIABLES, token, variables};
use crate::support::http::{AnswerExt as _, Api, CLIENTES, PAGOS};
use crate::support::{Fixture, on_both_engines};

on_both_engines!(
    every_operation_asks_for_a_token_and_its_scope,
    a_key_is_exchanged_without_a_refused_request,
    a_refusal_is_logged_with_its_reason_and_without_the_token,
);

const SCOPES: [&str; 4] = ["pagos:read", "pagos:write", "clientes:read", "clientes:write"];

/// What an operation is sent where it needs a body.
const BODIES: [(&str, &str); 4] = [
    ("crear_cliente", r#"{"nombre":"Eva","email":"eva@x.cl"}"#),
    ("actualizar_cliente", r#"{"nombre":"Ana María","email":"ana@x.cl"}"#),
    ("recargar_cliente", r#"{"monto":"1.00"}"#),
    ("procesar_pago", r#"{"cliente_id":1,"monto":"1.00"}"#),
];

/// An operation as the document has it.
struct Stated {
    name: String,
    method: Method,
    path: String,
    security: Value,
}

impl Stated {
    fn asked(&self, api: &Api) -> TestRequest {
        let body = BODIES.iter().find(|(name, _)| *name == self.name).map_or("", |(_, body)| *body);
        api.ask(self.method.clone(), &self.path.replace("{id}", "1"), body)
    }
}

/// The operations of the document, which anybody may read.
async fn stated(api: &Api) -> Vec<Stated> {
    let document = api.get("/api/v1/openapi.json").await;
    assert_eq!(document.status(), 200);
    let document = document.json();
    let verbs = |(path, verbs): (&String, &Value)| {
        let of_path = |(verb, operation): (&String, &Value)| Stated {
            name: operation["operationId"].as_str().unwrap().to_owned(),
            method: verb.to_uppercase().parse().unwrap(),
            path: path.clone(),
            security: operation["security"].clone(),
        };
        verbs.as_object().unwrap().iter().map(of_path).collect::<Vec<_>>()
    };
    document["paths"].as_object().unwrap().iter().flat_map(verbs).collect()
}

/// One cliente with one pago.
async fn with_ana(fixture: &Fixture) -> Api {
    let open = Api::over(fixture).await;
    assert_eq!(open.register("ana@x.cl", "100.00").await, 1);
    assert_eq!(open.pay(1, "1.00").await.status(), 200);
    Api::with(fixture, &VARIABLES).await
}

async fn every_operation_asks_for_a_token_and_its_scope(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    let operations = stated(&api).await;
    assert_eq!(operations.len(), 10);
    for operation in operations {
        let name = &operation.name;
        let scope = operation.security[0]["bearer"][0].as_str().unwrap_or_else(|| panic!("{name}: {}", operation.security));
        assert!(SCOPES.contains(&scope), "{name}: {scope}");
        assert_refused(&operation.asked(&api).await);
        assert_refused(&operation.asked(&api).bearer("x.y.z").await);
        let others: Vec<_> = SCOPES.into_iter().filter(|other| *other != scope).collect();
        let forbidden = operation.asked(&api).bearer(&token(KEY, "ana", &others.join(" "))).await;
        forbidden.assert_refused(403, "HTTP_ERROR", "");
        let allowed = operation.asked(&api).bearer(&token(KEY, "ana", scope)).await;
        // She has pagos: the domain refuses, and nobody else.
        let expected = if name == "eliminar_cliente" { 400 } else { 200 };
        assert_eq!(allowed.status(), expected, "{name}: {}", allowed.text());
    }
}

#[track_caller]
fn assert_refused(answer: &TestAnswer) {
    answer.assert_failure(401, "HTTP_ERROR", "No autenticado");
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
}

async fn a_key_is_exchanged_without_a_refused_request(fixture: Fixture) {
    let status = async |api: &Api, key| api.get(PAGOS).bearer(&token(key, "ana", "pagos:read")).await.status();
    // Every instance in its turn: of the old ones, the new ones, and those after the exchange.
    let exchanging = [&variables(ANOTHER_KEY)[..], &[("SECRET_KEY_PREVIOUS", KEY)]].concat();
    for (variables, expected) in
        [(&VARIABLES[..], [200, 401]), (&exchanging, [200, 200]), (&variables(ANOTHER_KEY)[..], [401, 200])]
    {
        let api = Api::with(&fixture, variables).await;
        assert_eq!([status(&api, KEY).await, status(&api, ANOTHER_KEY).await], expected, "{variables:?}");
    }
}

async fn a_refusal_is_logged_with_its_reason_and_without_the_token(fixture: Fixture) {
    let api = Api::with(&fixture, &VARIABLES).await;
    let foreign = token(ANOTHER_KEY, "ana", "pagos:read");
    for (request, reason) in [
        (api.get(PAGOS), "absent"),
        (api.post(CLIENTES, "{").bearer(&foreign), "signature"),
        (api.delete("/api/v1/clientes/1").bearer("secreto"), "malformed"),
    ] {
        let answer = request.await;
        assert_refused(&answer);
        let records = answer.own_records();
        let [record] = &records[..] else { panic!("{records:#?}") };
        assert_eq!((&record["context"]["auth_error"], &record["level"]), (&reason.into(), &"WARNING".into()), "{record:#}");
        let signature = foreign.rsplit_once('.').unwrap().1;
        assert!(answer.log().lines().iter().all(|line| !line.contains(signature) && !line.contains("secreto")), "{record:#}");
    }
}
