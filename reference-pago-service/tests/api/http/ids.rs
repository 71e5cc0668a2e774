//! Ids: in bodies, in paths and in queries, and fields that a client may not set.

use crate::support::http::{AnswerExt as _, Api, CLIENTES, PAGOS, rows};
use crate::support::{Fixture, on_both_engines};

on_both_engines!(
    an_id_in_a_body_is_a_positive_integer,
    a_cliente_in_a_body_that_does_not_exist_is_400,
    an_id_in_a_path_has_one_spelling,
    an_id_in_a_path_that_does_not_exist_is_404,
    percent_encoding_does_not_change_an_id,
    a_client_cannot_set_what_the_service_decides,
    unknown_fields_are_ignored_whatever_they_are_called,
    a_query_is_no_way_into_the_database,
);

async fn with_ana(fixture: &Fixture) -> Api {
    let api = Api::over(fixture).await;
    assert_eq!(api.register("ana@x.cl", "100.00").await, 1);
    api
}

/// B1 and B4.
const NO_IDS: &[&str] = &[
    "0",
    "-1",
    "-0",
    "-2147483648",
    "-9223372036854775809",
    "9223372036854775808",
    "18446744073709551616",
    "1e30",
    "1e0",
    "1.0",
    "1.5",
    r#""1""#,
    r#""""#,
    "true",
    "null",
    "[]",
    "[1]",
    "{}",
    r#"{"id":1}"#,
];

async fn an_id_in_a_body_is_a_positive_integer(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    let before = rows(&fixture).await;
    for id in NO_IDS {
        let exchange = api.post(PAGOS, format!(r#"{{"cliente_id":{id},"monto":"1"}}"#)).await;
        exchange.assert_refused(422, "VALIDATION_ERROR", "cliente_id: debe ser un entero mayor que cero");
    }
    api.post(PAGOS, r#"{"monto":"1"}"#).await.assert_refused(422, "VALIDATION_ERROR", "cliente_id: es obligatorio");
    assert_eq!((rows(&fixture).await, api.saldo(1).await), (before, "100.00".to_owned()));
}

async fn a_cliente_in_a_body_that_does_not_exist_is_400(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    for id in ["2", "999", "2147483647", "2147483648", "9007199254740993", "9223372036854775807"] {
        let exchange = api.post(PAGOS, format!(r#"{{"cliente_id":{id},"monto":"1"}}"#)).await;
        exchange.assert_refused(400, "CLIENTE_NO_ENCONTRADO", &format!("Cliente con ID {id} no encontrado"));
    }
}

/// B5, as a path may carry it: what is not ASCII is percent-encoded.
const NO_PATH_IDS: &[&str] = &[
    "abc",
    "1.5",
    "1.0",
    "-1",
    "0",
    "00",
    "01",
    "+1",
    "1e3",
    "0x1",
    "1_0",
    "%EF%BC%91",
    "%D9%A1",
    "1%00",
    "%00",
    "1%0a",
    "%201",
    "1%20",
    "%2B1",
    "1%2F2",
    "%ff",
    "1%ff",
    "%C3%28",
    "%",
    "1%",
    "%zz",
    "null",
    "9223372036854775808",
    "99999999999999999999",
    "'%20OR%201=1--",
];

async fn an_id_in_a_path_has_one_spelling(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    let before = rows(&fixture).await;
    for id in NO_PATH_IDS {
        let of_cliente = format!("{CLIENTES}/{id}");
        api.get(&of_cliente).await.assert_invalid_field("id");
        api.get(&format!("{PAGOS}/{id}")).await.assert_invalid_field("id");
        api.delete(&of_cliente).await.assert_invalid_field("id");
        api.put(&of_cliente, r#"{"nombre":"Eva","email":"eva@x.cl"}"#).await.assert_invalid_field("id");
        api.post(&format!("{of_cliente}/recargas"), r#"{"monto":"1"}"#).await.assert_invalid_field("id");
    }
    assert_eq!(rows(&fixture).await, before);
}

async fn an_id_in_a_path_that_does_not_exist_is_404(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    for id in ["2", "2147483647", "2147483648", "9223372036854775807"] {
        let of_cliente = format!("{CLIENTES}/{id}");
        api.get(&of_cliente).await.assert_refused(404, "CLIENTE_NO_ENCONTRADO", "Cliente con ID ");
        api.delete(&of_cliente).await.assert_refused(404, "CLIENTE_NO_ENCONTRADO", "Cliente con ID ");
        let update = api.put(&of_cliente, r#"{"nombre":"Eva","email":"eva@x.cl"}"#).await;
        update.assert_refused(404, "CLIENTE_NO_ENCONTRADO", "Cliente con ID ");
        let credit = api.post(&format!("{of_cliente}/recargas"), r#"{"monto":"1"}"#).await;
        credit.assert_refused(404, "CLIENTE_NO_ENCONTRADO", "Cliente con ID ");
        api.get(&format!("{PAGOS}/{id}")).await.assert_refused(404, "PAGO_NO_ENCONTRADO", "Pago con ID ");
    }
}

async fn percent_encoding_does_not_change_an_id(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    assert_eq!(api.get("/api/v1/clientes/%31").await.data()["id"], 1);
    assert_eq!(api.pay(1, "1.00").await.data()["id"], 1);
    assert_eq!(api.get("/api/v1/pagos/%31").await.data()["id"], 1);
    api.get("/api/v1/pagos/%32").await.assert_refused(404, "PAGO_NO_ENCONTRADO", "Pago con ID 2 ");
}

/// B16.
async fn a_client_cannot_set_what_the_service_decides(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    let body = r#"{"id":77,"nombre":"Ana","email":"ana@x.cl","saldo":"10","created_at":"1999-01-01T00:00:00Z"}"#;
    let cliente = api.post(CLIENTES, body).await.data();
    assert_eq!(cliente["id"], 1);
    assert!(!cliente["created_at"].as_str().unwrap().starts_with("1999"));
    let body = r#"{"id":77,"cliente_id":1,"monto":"1","estado":"ANULADO","saldo":"999","created_at":"1999-01-01T00:00:00Z"}"#;
    let pago = api.post(PAGOS, body).await.data();
    assert_eq!((&pago["id"], &pago["estado"]), (&1.into(), &"PROCESADO".into()));
    assert!(!pago["created_at"].as_str().unwrap().starts_with("1999"));
    let body = r#"{"id":2,"nombre":"Eva","email":"eva@x.cl","saldo":"999","moneda":"USD"}"#;
    let cliente = api.put("/api/v1/clientes/1", body).await.data();
    assert_eq!((&cliente["id"], &cliente["saldo"], &cliente["moneda"]), (&1.into(), &"9.00".into(), &"CLP".into()));
    fixture.assert_money_rule().await;
}

/// B17.
async fn unknown_fields_are_ignored_whatever_they_are_called(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    for name in ["__proto__", "constructor", "prototype", "$where", "", "\\u001b[31mx", "\\u0000", "\\u202e", "Cliente_id"] {
        let body = format!(r#"{{"cliente_id":1,"monto":"1","{name}":{{"saldo":"999"}}}}"#);
        let exchange = api.post(PAGOS, body).await;
        assert_eq!(exchange.data()["estado"], "PROCESADO", "{name}");
        assert!(exchange.log().lines().iter().all(|line| line.bytes().all(|byte| byte >= b' ' || byte == b'\n')), "{name}");
    }
    assert_eq!(api.saldo(1).await, "91.00");
}

/// B20.
async fn a_query_is_no_way_into_the_database(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    assert_eq!(api.pay(1, "1.00").await.status(), 200);
    for text in ["'%20OR%201=1--", "PROCESADO'--", "procesado", "TODOS", "", "%27%3B+DROP+TABLE+pagos--"] {
        api.get(&format!("{PAGOS}?estado={text}")).await.assert_invalid_field("estado");
        api.get(&format!("{PAGOS}?cliente_id={text}")).await.assert_invalid_field("cliente_id");
        api.get(&format!("{CLIENTES}?email={text}")).await.assert_invalid_field("email");
    }
    let quoted = api.get("/api/v1/clientes?email=o'h%27--@x.cl").await;
    assert_eq!(quoted.ids(), Vec::<u64>::new());
    assert_eq!(api.get(PAGOS).await.ids(), [1]);
}
