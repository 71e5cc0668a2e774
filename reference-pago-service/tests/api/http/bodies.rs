//! Bodies, their types, and the verbs and paths around them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use http::Method;
use standards_axum::testing::{TestAnswer, TestRequest};

use crate::support::http::{AnswerExt as _, Api, CLIENTES, PAGOS, rows};
use crate::support::{Fixture, on_both_engines};

on_both_engines!(
    a_body_that_is_no_object_is_refused,
    a_body_that_is_no_json_is_refused,
    a_body_that_is_no_utf8_is_refused,
    a_deeply_nested_body_is_refused_at_once,
    a_body_of_many_keys_is_refused_at_once,
    a_body_of_another_type_is_refused,
    any_json_type_is_taken,
    a_compressed_body_is_refused,
    a_body_past_the_limit_is_refused,
    a_wrong_verb_is_told_the_right_ones,
    an_unknown_path_is_not_found,
    head_is_get_without_a_body,
    options_is_no_operation,
    a_header_does_not_change_the_verb,
    the_answer_is_json_whatever_is_asked_for,
);

const PAGO: &str = r#"{"cliente_id":1,"monto":"1"}"#;

async fn with_ana(fixture: &Fixture) -> Api {
    let api = Api::over(fixture).await;
    assert_eq!(api.register("ana@x.cl", "100.00").await, 1);
    api
}

/// Neither a row nor a debit.
async fn assert_untouched(api: &Api, fixture: &Fixture) {
    assert_eq!((rows(fixture).await, api.saldo(1).await), (1_001, "100.00".to_owned()));
}

#[track_caller]
fn assert_bad_body(exchange: &TestAnswer, sent: &[u8]) {
    let errors = exchange.errors();
    let expected = exchange.status() == 422 && errors.iter().all(|error| error.code == "VALIDATION_ERROR");
    assert!(expected, "{}: {} {}", String::from_utf8_lossy(sent), exchange.status(), exchange.text());
}

async fn assert_all_refused(fixture: &Fixture, bodies: &[&[u8]]) {
    let api = with_ana(fixture).await;
    for body in bodies {
        for path in [PAGOS, CLIENTES, "/api/v1/clientes/1/recargas"] {
            assert_bad_body(&api.post(path, body.to_vec()).await, body);
        }
        assert_bad_body(&api.put("/api/v1/clientes/1", body.to_vec()).await, body);
    }
    assert_untouched(&api, fixture).await;
}

/// C1.
async fn a_body_that_is_no_object_is_refused(fixture: Fixture) {
    let bodies: [&[u8]; 10] = [
        b"",
        b" ",
        b"null",
        b"[]",
        b"{}",
        b"\"x\"",
        b"123",
        b"true",
        b"[1,\"1\",\"CLP\"]",
        b"[{\"cliente_id\":1,\"monto\":\"1\"}]",
    ];
    assert_all_refused(&fixture, &bodies).await;
}

/// C2: a pago, and what stands around or inside it.
pub(super) const NO_JSON: &[&str] = &[
    "{",
    "}",
    r#"{"cliente_id":}"#,
    r#"{"cliente_id":1,"monto":"1",}"#,
    r#"{"cliente_id":1,"monto":"1""#,
    r#"{"cliente_id":1,"monto":"1"}}"#,
    r#"{"cliente_id":1,"monto":"1"}{}"#,
    r#"{"cliente_id":1,"monto":"1"} x"#,
    "{\"cliente_id\":1,\"monto\":\"1\"}\0",
    r#"{"cliente_id":1,"monto":"1" /* c */}"#,
    "// c\n{\"cliente_id\":1,\"monto\":\"1\"}",
    r"{'cliente_id':1,'monto':'1'}",
    r#"{cliente_id:1,monto:"1"}"#,
    "\u{feff}{\"cliente_id\":1,\"monto\":\"1\"}",
    r#"{"cliente_id":1 "monto":"1"}"#,
    r#"{"cliente_id"=1,"monto":"1"}"#,
    "cliente_id=1&monto=1",
    "\u{c}{\"cliente_id\":1,\"monto\":\"1\"}",
];

async fn a_body_that_is_no_json_is_refused(fixture: Fixture) {
    let bodies: Vec<&[u8]> = NO_JSON.iter().map(|body| body.as_bytes()).collect();
    assert_all_refused(&fixture, &bodies).await;
}

/// C3.
async fn a_body_that_is_no_utf8_is_refused(fixture: Fixture) {
    let utf16: Vec<u8> = PAGO.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let bodies: [&[u8]; 5] = [
        &utf16,
        b"{\"cliente_id\":1,\"monto\":\"1\",\"moneda\":\"\xff\"}",
        // Overlong, a surrogate, cut off.
        b"{\"cliente_id\":1,\"monto\":\"\xc0\xb1\"}",
        b"{\"cliente_id\":1,\"monto\":\"1\",\"x\":\"\xed\xa0\x80\"}",
        b"{\"cliente_id\":1,\"monto\":\"1\",\"\xe2\x82\":1}",
    ];
    assert_all_refused(&fixture, &bodies).await;
}

/// C4: as deep as the body limit lets it, closed and not closed.
async fn a_deeply_nested_body_is_refused_at_once(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    let begun = Instant::now();
    for depth in [127, 128, 129, 1_000, 8_000] {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        for body in [open.clone(), format!("{open}{close}"), format!(r#"{{"cliente_id":1,"monto":{open}{close}}}"#)] {
            assert_bad_body(&api.post(PAGOS, body.clone()).await, body.as_bytes());
        }
        let body = r#"{"a":"#.repeat(depth / 3);
        assert_bad_body(&api.post(PAGOS, body.clone()).await, body.as_bytes());
    }
    for deep in ["[".repeat(100_000), r#"{"a":"#.repeat(100_000)] {
        api.post(PAGOS, deep).await.assert_refused(413, "HTTP_ERROR", "Cuerpo demasiado grande");
    }
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_untouched(&api, &fixture).await;
}

/// C5.
async fn a_body_of_many_keys_is_refused_at_once(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    let (mut different, mut same) = (String::from("{"), String::from("{"));
    for number in 0..1_700 {
        write!(different, r#""{number:03x}":1,"#).unwrap();
        write!(same, r#""monto":1,"#).unwrap();
    }
    for (body, field) in [(different, "cliente_id"), (same[..16_000].to_owned() + "0", "monto")] {
        let begun = Instant::now();
        let body = format!(r#"{}"zzz":1}}"#, body.trim_end_matches(|end| end != ','));
        let exchange = api.post(PAGOS, body.clone()).await;
        assert_bad_body(&exchange, &body.as_bytes()[..60]);
        assert!(exchange.errors().iter().any(|error| error.message.starts_with(&format!("{field}: "))), "{}", exchange.text());
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    }
    assert_untouched(&api, &fixture).await;
}

/// A pago with this header, JSON unless that says otherwise.
fn with_header(api: &Api, name: &str, value: &str) -> TestRequest {
    api.request(Method::POST, PAGOS).header(name, value).json_text(PAGO)
}

/// C6.
pub(super) const OTHER_TYPES: &[&str] = &[
    "text/plain",
    "text/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json; charset=utf-16",
    "application/json; charset=latin1",
    "application/jsonp",
    "application/+json",
    "json",
    "",
    "*/*",
];

async fn a_body_of_another_type_is_refused(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    for content_type in OTHER_TYPES {
        let exchange = with_header(&api, "content-type", content_type).await;
        exchange.assert_refused(415, "HTTP_ERROR", "Tipo de contenido no soportado");
    }
    let untyped = api.request(Method::POST, PAGOS).body(PAGO);
    untyped.await.assert_refused(415, "HTTP_ERROR", "Tipo de contenido no soportado");
    let twice = api.post(PAGOS, PAGO).header("content-type", "application/json");
    twice.await.assert_refused(415, "HTTP_ERROR", "Tipo de contenido no soportado");
    assert_untouched(&api, &fixture).await;
}

/// C7.
async fn any_json_type_is_taken(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    for content_type in ["application/vnd.api+json", "APPLICATION/JSON; charset=utf-8", "application/json;charset=\"UTF-8\""] {
        assert_eq!(with_header(&api, "content-type", content_type).await.data()["monto"], "1.00", "{content_type}");
    }
}

/// C10.
async fn a_compressed_body_is_refused(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    for encoding in ["gzip", "deflate", "br", "zstd", "identity, gzip", "x"] {
        let exchange = with_header(&api, "content-encoding", encoding).await;
        exchange.assert_refused(415, "HTTP_ERROR", "Tipo de contenido no soportado");
    }
    assert_untouched(&api, &fixture).await;
    assert_eq!(with_header(&api, "content-encoding", "identity").await.status(), 200);
}

async fn a_body_past_the_limit_is_refused(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    let padded = |length: usize| format!("{PAGO}{}", " ".repeat(length - PAGO.len()));
    for length in [16_385, 17_000, 1_000_000] {
        let exchange = api.post(PAGOS, padded(length)).await;
        exchange.assert_refused(413, "HTTP_ERROR", "Cuerpo demasiado grande");
    }
    assert_untouched(&api, &fixture).await;
    assert_eq!(api.post(PAGOS, padded(16_384)).await.data()["monto"], "1.00");
}

#[track_caller]
fn assert_allowed(exchange: &TestAnswer, allowed: &[&str]) {
    let allow = exchange.headers()["allow"].to_str().unwrap();
    let told: BTreeSet<_> = allow.split(',').map(str::trim).collect();
    assert_eq!(told, allowed.iter().copied().collect());
}

/// C19: path, what it refuses, what it allows.
pub(super) const VERBS: &[(&str, &[&str], &[&str])] = &[
    (PAGOS, &["DELETE", "PATCH", "PUT", "TRACE", "PAGAR", "CONNECT"], &["GET", "HEAD", "POST"]),
    ("/api/v1/pagos/1", &["DELETE", "POST", "PUT", "PATCH"], &["GET", "HEAD"]),
    (CLIENTES, &["DELETE", "PATCH", "PUT"], &["GET", "HEAD", "POST"]),
    ("/api/v1/clientes/1", &["POST", "PATCH", "TRACE"], &["GET", "HEAD", "PUT", "DELETE"]),
    ("/api/v1/clientes/1/recargas", &["GET", "HEAD", "PUT", "DELETE"], &["POST"]),
];

async fn a_wrong_verb_is_told_the_right_ones(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    for (path, verbs, allowed) in VERBS {
        for verb in *verbs {
            let exchange = api.ask(verb.parse().unwrap(), path, PAGO).await;
            assert_eq!(exchange.status(), 405, "{verb} {path}");
            assert_allowed(&exchange, allowed);
            if *verb != "HEAD" {
                exchange.assert_refused(405, "HTTP_ERROR", "Método no permitido");
            }
        }
    }
    assert_untouched(&api, &fixture).await;
}

/// C21.
pub(super) const UNKNOWN: &[&str] = &[
    "/",
    "/nope",
    "/api/v1",
    "/api/v1/",
    "/api/v1/pagos/",
    "/api/v1/pagos/1/",
    "//api/v1/pagos",
    "/api//v1/pagos",
    "/api/v1/../v1/pagos",
    "/api/v1/./pagos",
    "/API/V1/PAGOS",
    "/api/v1/Pagos",
    "/api/v2/pagos",
    "/api/v1/pagos;x=1",
    "/api/v1%2Fpagos",
    "/api/v1/clientes/1/recargas/1",
    "/health",
];

async fn an_unknown_path_is_not_found(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    for path in UNKNOWN {
        for verb in [Method::GET, Method::POST, Method::DELETE] {
            let exchange = api.ask(verb, path, PAGO).await;
            assert_eq!(exchange.status(), 404, "{path}");
            exchange.assert_refused(404, "HTTP_ERROR", "Recurso no encontrado");
        }
    }
    assert_untouched(&api, &fixture).await;
}

/// C20.
async fn head_is_get_without_a_body(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    for path in [PAGOS, "/api/v1/clientes/1", "/api/v1/clientes/2", "/health/live"] {
        let get = api.get(path).await;
        let head = api.request(Method::HEAD, path).await;
        assert_eq!((head.status(), head.text()), (get.status(), ""), "{path}");
        assert_eq!(head.headers()["content-type"], "application/json");
    }
}

/// C20: no origin is allowed, so no preflight is answered with permission, and OPTIONS is a verb like any other.
async fn options_is_no_operation(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    for path in [PAGOS, "/api/v1/clientes/1"] {
        let plain = api.request(Method::OPTIONS, path).await;
        plain.assert_refused(405, "HTTP_ERROR", "Método no permitido");
        assert!(plain.headers().contains_key("allow"));
    }
    let unknown = api.request(Method::OPTIONS, "/nope").await;
    unknown.assert_refused(404, "HTTP_ERROR", "Recurso no encontrado");
    let preflight = [("origin", "https://evil.cl"), ("access-control-request-method", "POST")];
    let answer = api.request(Method::OPTIONS, PAGOS).headers(&preflight).await;
    assert!(answer.headers().keys().all(|name| !name.as_str().starts_with("access-control-")), "{:?}", answer.headers());
}

/// C23.
async fn a_header_does_not_change_the_verb(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    for name in ["x-http-method-override", "x-method-override", "x-http-method"] {
        assert_eq!(api.get("/api/v1/clientes/1").header(name, "DELETE").await.data()["id"], 1);
    }
    api.post("/api/v1/clientes/1?_method=DELETE", PAGO).await.assert_refused(405, "HTTP_ERROR", "Método no permitido");
    assert_untouched(&api, &fixture).await;
}

/// C24.
async fn the_answer_is_json_whatever_is_asked_for(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    for accept in ["text/html", "application/xml;q=1, */*;q=0", "image/png", "", "application/json;q=0"] {
        for path in ["/api/v1/clientes/1", "/nope"] {
            let exchange = api.get(path).header("accept", accept).await;
            assert_eq!(exchange.headers()["content-type"], "application/json", "{accept}");
            assert_eq!(exchange.status(), if path == "/nope" { 404 } else { 200 });
        }
    }
}
