//! Whole answers and whole log lines, byte for byte: only instants, ids of requests and durations are replaced.

use http::Method;
use regex::Regex;
use standards_axum::testing::{TestAnswer, TestRequest};

use crate::support::http::{AnswerExt as _, Api, CLIENTES, PAGOS, execute};
use crate::support::{Fixture, on_both_engines};

on_both_engines!(
    every_operation_answers_in_the_envelope,
    every_failure_is_told_in_spanish_and_in_english,
    every_bad_field_is_told_in_one_answer,
    an_unavailable_database_is_503_and_a_broken_one_500,
    an_accepted_pago_logs_start_success_and_access,
    a_refused_pago_logs_start_and_one_warning,
    an_invalid_request_logs_one_warning,
    a_failure_of_ours_logs_one_error_with_its_cause,
    no_record_holds_a_name_or_an_email,
);

/// The body with every instant replaced.
#[track_caller]
fn without_instants(body: &str) -> String {
    let instant = Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z").unwrap();
    instant.replace_all(body, "<instante>").into_owned()
}

#[track_caller]
fn assert_answer(exchange: &TestAnswer, status: u16, body: &str) {
    assert_eq!((exchange.status(), without_instants(exchange.text()).as_str()), (status, body));
    assert_eq!(exchange.headers()["content-type"], "application/json");
    assert_eq!(exchange.headers()["x-content-type-options"], "nosniff");
    assert_eq!(exchange.headers().get("server"), None);
}

#[track_caller]
fn assert_data(exchange: &TestAnswer, data: &str) {
    assert_answer(exchange, 200, &format!(r#"{{"success":true,"data":{data},"errors":[]}}"#));
}

#[track_caller]
fn assert_failure(exchange: &TestAnswer, status: u16, code: &str, message: &str) {
    let body = format!(r#"{{"success":false,"data":null,"errors":[{{"code":"{code}","message":"{message}"}}]}}"#);
    assert_answer(exchange, status, &body);
}

const ANA: &str = r#"{"nombre":"Ana Rojas","email":"Ana@Example.com","saldo":"1000"}"#;
const PAGO: &str = r#"{"cliente_id":1,"monto":"100.5","moneda":"CLP"}"#;

/// The service with Ana, cliente 1, who has 1000.00.
async fn with_ana(fixture: &Fixture) -> Api {
    let api = Api::over(fixture).await;
    assert_eq!(api.post(CLIENTES, ANA).await.data()["id"], 1);
    api
}

fn cliente(nombre: &str, email: &str, saldo: &str) -> String {
    format!(r#"{{"id":1,"nombre":"{nombre}","email":"{email}","saldo":"{saldo}","moneda":"CLP","created_at":"<instante>"}}"#)
}

fn pago() -> &'static str {
    r#"{"id":1,"cliente_id":1,"monto":"100.50","moneda":"CLP","estado":"PROCESADO","created_at":"<instante>"}"#
}

async fn every_operation_answers_in_the_envelope(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    let first = format!("{CLIENTES}/1");
    assert_data(&api.get(PAGOS).await, "[]");
    assert_data(&api.get(CLIENTES).await, "[]");
    assert_data(&api.post(CLIENTES, ANA).await, &cliente("Ana Rojas", "Ana@Example.com", "1000.00"));
    assert_data(&api.get(&first).await, &cliente("Ana Rojas", "Ana@Example.com", "1000.00"));
    let update = r#"{"nombre":"Eva","email":"eva@x.cl"}"#;
    assert_data(&api.put(&first, update).await, &cliente("Eva", "eva@x.cl", "1000.00"));
    let credited = api.post(&format!("{first}/recargas"), r#"{"monto":"0.5"}"#).await;
    assert_data(&credited, &cliente("Eva", "eva@x.cl", "1000.50"));
    assert_data(&api.get(CLIENTES).await, &format!("[{}]", cliente("Eva", "eva@x.cl", "1000.50")));
    assert_data(&api.delete(&first).await, "null");
    assert_data(&api.get(CLIENTES).await, "[]");
    the_operations_of_pagos(&Api::over(&fixture).await).await;
}

async fn the_operations_of_pagos(api: &Api) {
    let second = api.register("leo@x.cl", "1000.00").await;
    let of_second = |text: &str| text.replace(r#""cliente_id":1"#, &format!(r#""cliente_id":{second}"#));
    assert_data(&api.post(PAGOS, of_second(PAGO)).await, &of_second(pago()));
    assert_data(&api.get("/api/v1/pagos/1").await, &of_second(pago()));
    assert_data(&api.get(PAGOS).await, &format!("[{}]", of_second(pago())));
}

/// Method, path, body; status, code, message in Spanish and in English.
type Refusal = ([&'static str; 3], u16, [&'static str; 3]);

const REFUSALS: &[Refusal] = &[
    (
        ["POST", PAGOS, r#"{"cliente_id":999,"monto":"1"}"#],
        400,
        ["CLIENTE_NO_ENCONTRADO", "Cliente con ID 999 no encontrado", "Cliente with ID 999 not found"],
    ),
    (
        ["POST", PAGOS, r#"{"cliente_id":1,"monto":"2000"}"#],
        400,
        [
            "SALDO_INSUFICIENTE",
            "Saldo insuficiente. Actual: 1000.00, Requerido: 2000.00",
            "Insufficient balance. Current: 1000.00, required: 2000.00",
        ],
    ),
    (
        ["POST", PAGOS, r#"{"cliente_id":1,"monto":"1","moneda":"USD"}"#],
        400,
        ["MONEDA_NO_COINCIDE", "La moneda USD no coincide con la del cliente: CLP", "Currency USD is not the cliente's: CLP"],
    ),
    (
        ["POST", "/api/v1/clientes/1/recargas", r#"{"monto":"99999999.99"}"#],
        400,
        [
            "SALDO_EXCEDIDO",
            "El abono de 99999999.99 supera el saldo máximo: 99999999.99",
            "Crediting 99999999.99 would pass the largest balance: 99999999.99",
        ],
    ),
    (
        ["POST", CLIENTES, r#"{"nombre":"Otra","email":"ANA@example.com"}"#],
        400,
        ["EMAIL_DUPLICADO", "El email ya está registrado", "The e-mail is already registered"],
    ),
    (
        ["GET", "/api/v1/clientes/999", ""],
        404,
        ["CLIENTE_NO_ENCONTRADO", "Cliente con ID 999 no encontrado", "Cliente with ID 999 not found"],
    ),
    (
        ["PUT", "/api/v1/clientes/999", r#"{"nombre":"Eva","email":"eva@x.cl"}"#],
        404,
        ["CLIENTE_NO_ENCONTRADO", "Cliente con ID 999 no encontrado", "Cliente with ID 999 not found"],
    ),
    (
        ["DELETE", "/api/v1/clientes/999", ""],
        404,
        ["CLIENTE_NO_ENCONTRADO", "Cliente con ID 999 no encontrado", "Cliente with ID 999 not found"],
    ),
    (
        ["POST", "/api/v1/clientes/999/recargas", r#"{"monto":"1"}"#],
        404,
        ["CLIENTE_NO_ENCONTRADO", "Cliente con ID 999 no encontrado", "Cliente with ID 999 not found"],
    ),
    (
        ["GET", "/api/v1/pagos/999", ""],
        404,
        ["PAGO_NO_ENCONTRADO", "Pago con ID 999 no encontrado", "Pago with ID 999 not found"],
    ),
    (["POST", PAGOS, "{"], 422, ["VALIDATION_ERROR", "body: JSON mal formado", "body: malformed JSON"]),
    (["GET", "/nope", ""], 404, ["HTTP_ERROR", "Recurso no encontrado", "Resource not found"]),
    (["PATCH", PAGOS, ""], 405, ["HTTP_ERROR", "Método no permitido", "Method not allowed"]),
];

async fn every_failure_is_told_in_spanish_and_in_english(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    for ([method, path, body], status, [code, es, en]) in REFUSALS {
        let again = || api.ask(method.parse().unwrap(), path, *body);
        assert_failure(&again().await, *status, code, es);
        assert_failure(&again().language("en").await, *status, code, en);
    }
    assert_eq!(api.pay(1, "1.00").await.status(), 200);
    let delete = || api.delete("/api/v1/clientes/1");
    let es = "El cliente con ID 1 tiene pagos y no se puede eliminar";
    assert_failure(&delete().await, 400, "CLIENTE_CON_PAGOS", es);
    let en = "The cliente with ID 1 has pagos and cannot be deleted";
    assert_failure(&delete().language("en").await, 400, "CLIENTE_CON_PAGOS", en);
    assert_failure(&api.post(PAGOS, vec![b' '; 16_385]).await, 413, "HTTP_ERROR", "Cuerpo demasiado grande");
    let text = api.request(Method::POST, PAGOS).header("content-type", "text/plain").body(PAGO);
    assert_failure(&text.await, 415, "HTTP_ERROR", "Tipo de contenido no soportado");
}

/// The whole answer about one or more bad fields.
fn invalid(sentences: &[&str]) -> String {
    let item = |sentence: &&str| format!(r#"{{"code":"VALIDATION_ERROR","message":"{sentence}"}}"#);
    let items: Vec<_> = sentences.iter().map(item).collect();
    format!(r#"{{"success":false,"data":null,"errors":[{}]}}"#, items.join(","))
}

async fn every_bad_field_is_told_in_one_answer(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    let bad = || api.post(PAGOS, r#"{"cliente_id":"1","monto":-1,"moneda":null}"#);
    let es = [
        "cliente_id: debe ser un entero mayor que cero",
        "monto: debe ser un monto mayor que cero con hasta dos decimales",
        "moneda: debe ser un código de moneda de tres letras mayúsculas",
    ];
    assert_answer(&bad().await, 422, &invalid(&es));
    let en = [
        "cliente_id: must be an integer greater than zero",
        "monto: must be an amount greater than zero with at most two decimals",
        "moneda: must be a currency code of three capital letters",
    ];
    assert_answer(&bad().language("en").await, 422, &invalid(&en));
    let missing = api.put("/api/v1/clientes/1", "{}").await;
    assert_answer(&missing, 422, &invalid(&["nombre: es obligatorio", "email: es obligatorio"]));
}

/// Takes the table away behind the service's back.
async fn break_pagos(fixture: &Fixture) {
    execute(fixture, "drop table pagos").await;
}

async fn an_unavailable_database_is_503_and_a_broken_one_500(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    break_pagos(&fixture).await;
    let ask = || api.post(PAGOS, PAGO);
    assert_failure(&ask().await, 500, "INTERNAL_ERROR", "Error interno del servidor");
    assert_failure(&ask().language("en").await, 500, "INTERNAL_ERROR", "Internal server error");
    fixture.database.close().await;
    let closed = ask().await;
    assert_failure(&closed, 503, "SERVICE_UNAVAILABLE", "Servicio no disponible, intente más tarde");
    assert_eq!(closed.headers()["retry-after"], "1");
    assert_failure(&api.get("/health/ready").await, 503, "SERVICE_UNAVAILABLE", "Servicio no disponible, intente más tarde");
    assert_data(&api.get("/health/live").await, r#"{"status":"live"}"#);
}

/// The lines as written but for what differs from run to run.
#[track_caller]
fn lines(exchange: &TestAnswer) -> Vec<String> {
    let changing = [
        (r#""@timestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z""#, r#""@timestamp":"T""#),
        (r#""correlation_id":"[0-9a-f-]{36}""#, r#""correlation_id":"C""#),
        (r#""duration_ms":\d+(\.\d{1,3})?,"#, r#""duration_ms":D,"#),
    ];
    let changing = changing.map(|(pattern, name)| (Regex::new(pattern).unwrap(), name));
    let mask = |line: &String| {
        changing.iter().fold(line.trim_end().to_owned(), |line, (pattern, name)| pattern.replace(&line, *name).into_owned())
    };
    exchange.lines().iter().map(mask).collect()
}

/// What every line of a pago begins with.
fn line(level: &str, message: &str, context: &str) -> String {
    format!(
        r#"{{"@timestamp":"T","level":"{level}","artifact":"reference-pago-service","version":"0.1.0","correlation_id":"C","endpoint":"/api/v1/pagos","method":"procesar_pago","message":"{message}","context":{{{context}}}}}"#
    )
}

fn access(status: u16) -> String {
    format!(r#""status":{status},"duration_ms":D,"http_method":"POST","route":"/api/v1/pagos""#)
}

async fn an_accepted_pago_logs_start_success_and_access(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    let expected = [
        line("INFO", "Iniciando procesamiento de pago", r#""cliente_id":1,"monto":"100.50","moneda":"CLP""#),
        line(
            "INFO",
            "Pago procesado exitosamente",
            r#""cliente_id":1,"pago_id":1,"monto":"100.50","moneda":"CLP","nuevo_saldo":"899.50""#,
        ),
        line("INFO", "Solicitud atendida", &access(200)),
    ];
    assert_eq!(lines(&api.post(PAGOS, PAGO).await), expected);
}

async fn a_refused_pago_logs_start_and_one_warning(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    let expected = [
        line("INFO", "Iniciando procesamiento de pago", r#""cliente_id":1,"monto":"2000.00","moneda":"CLP""#),
        line(
            "WARNING",
            "Error de dominio: Saldo insuficiente. Actual: 1000.00, Requerido: 2000.00",
            &format!(r#"{},"saldo":"1000.00","monto":"2000.00","error_code":"SALDO_INSUFICIENTE""#, access(400)),
        ),
    ];
    // The log is in Spanish whatever the client reads.
    let asked = api.post(PAGOS, r#"{"cliente_id":1,"monto":2000}"#).language("en");
    assert_eq!(lines(&asked.await), expected);
}

async fn an_invalid_request_logs_one_warning(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    let expected = line(
        "WARNING",
        "Error de validación: monto: debe ser un monto mayor que cero con hasta dos decimales",
        &format!(r#"{},"error_code":"VALIDATION_ERROR""#, access(422)),
    );
    assert_eq!(lines(&api.post(PAGOS, r#"{"cliente_id":1,"monto":"1e2"}"#).await), [expected]);
}

async fn a_failure_of_ours_logs_one_error_with_its_cause(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    break_pagos(&fixture).await;
    let exchange = api.post(PAGOS, PAGO).await;
    let mut records = exchange.own_records();
    records.retain(|record| record["level"] == "WARNING" || record["level"] == "ERROR");
    assert_eq!(records.len(), 1, "{records:#?}");
    let (record, error) = (&records[0], &records[0]["error"]);
    assert_eq!((&record["level"], &record["context"]["status"]), (&"ERROR".into(), &500.into()));
    assert_eq!(error["error_code"], "INTERNAL_ERROR");
    assert!(error["message"].as_str().unwrap().contains("pagos"), "the cause is missing: {error:#}");
    assert_eq!(error["traceback"], record["traceback"]);
    assert!(!record["traceback"].as_str().unwrap().is_empty());
    let line = exchange.log().lines().into_iter().find(|line| line.contains(r#""level":"ERROR""#)).unwrap();
    assert_in_order(&line, &["@timestamp", "level", "artifact", "version", "correlation_id", "endpoint", "method"]);
    assert_in_order(&line, &["method", "message", "context", "error", "type", "error_code", "traceback"]);
}

/// The keys stand in the line in this order.
#[track_caller]
fn assert_in_order(line: &str, keys: &[&str]) {
    let mut rest = line;
    for key in keys {
        let quoted = format!("\"{key}\":");
        rest = rest.split_once(&quoted).unwrap_or_else(|| panic!("{key} out of order in {line}")).1;
    }
}

/// Every operation that is handed personal data, well and badly.
fn with_personal_data(api: &Api) -> Vec<TestRequest> {
    let bodies = [
        r#"{"nombre":"Nombrecanario","email":"Correocanario@x.cl","saldo":"10"}"#,
        r#"{"nombre":"Nombrecanario","email":"Correocanario@x.cl","saldo":"-1"}"#,
        r#"{"nombre":"Nombrecanario","email":"Correocanario@@x.cl"}"#,
        r#"{"nombre":"Nombrecanario\u0000","email":"Correocanario@x.cl"}"#,
        r#"{"nombre":["Nombrecanario"],"email":{"Correocanario@x.cl":1}}"#,
        r#"{"nombre":"Nombrecanario","email":"Correocanario@x.cl""#,
    ];
    let mut requests: Vec<_> = bodies.map(|body| api.post(CLIENTES, body)).into();
    requests.extend(bodies.map(|body| api.put("/api/v1/clientes/1", body)));
    let queries = ["email=Correocanario@x.cl", "email=Correocanario@@x.cl", "nombre=Nombrecanario"];
    requests.extend(queries.map(|query| api.get(&format!("{CLIENTES}?{query}"))));
    requests.push(api.get("/api/v1/clientes/1"));
    requests
}

async fn no_record_holds_a_name_or_an_email(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    for request in with_personal_data(&api) {
        let exchange = request.await;
        for line in exchange.log().lines() {
            let line = line.to_lowercase();
            assert!(!line.contains("canario") && !line.contains("ana rojas") && !line.contains("ana@"), "{line}");
        }
    }
}
