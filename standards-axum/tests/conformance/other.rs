//! A service of another style: other routes, other nouns, no money, none of our layers. It has no profile.

use std::collections::BTreeSet;
use std::future::ready;
use std::process::ExitCode;

use axum::body::to_bytes;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::checker::{broken, judged, shown};
use crate::lines;

/// Faults that are planted one at a time, and what is found broken by each.
pub(crate) const FAULTS: &[(&str, &[&str])] = &[
    ("html-405", &["ERR-04", "API-02", "API-04"]),
    ("lost-id", &["COR-03"]),
    ("one-field", &["VAL-02"]),
    ("lower-case-code", &["ERR-07"]),
    ("success-of-errors", &["API-02", "API-03", "ERR-03", "ERR-04"]),
    ("same-id", &["COR-02"]),
    ("quiet-refusals", &["LOG-11"]),
    ("local-time", &["LOG-03"]),
    ("accepts-text", &["VAL-03"]),
];

/// Serves books until SIGTERM, its log by hand, with the fault that is planted.
pub(crate) async fn serve(switch: &str) -> ExitCode {
    let fault = FAULTS.iter().map(|(fault, _)| *fault).find(|fault| switch.ends_with(fault)).unwrap_or_default();
    let mut stop = signal(SignalKind::terminate()).unwrap();
    let port: u16 = std::env::var("PORT").unwrap().parse().unwrap();
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let books = get(async || answer(200, &json!([{"isbn": "1"}]))).post(move |body: Bytes| ready(lend(fault, &body)));
    let router = Router::new()
        .route("/api/v2/libros", books)
        .route("/api/v1/openapi.json", get(async || Json(document())))
        .fallback(async || refusal(404, &[("NO_EXISTE", "No existe")]))
        .method_not_allowed_fallback(async || refusal(405, &[("VERBO", "No se puede")]))
        .layer(from_fn(move |request: Request, next: Next| dressed(fault, request, next)));
    axum::serve(listener, router).with_graceful_shutdown(async move { stop.recv().await.unwrap() }).await.unwrap();
    ExitCode::SUCCESS
}

fn answer(status: u16, data: &Value) -> Response {
    (StatusCode::from_u16(status).unwrap(), Json(json!({"success": true, "data": data, "errors": []}))).into_response()
}

fn refusal(status: u16, errors: &[(&str, &str)]) -> Response {
    let errors: Vec<Value> = errors.iter().map(|(code, message)| json!({"code": code, "message": message})).collect();
    (StatusCode::from_u16(status).unwrap(), Json(json!({"success": false, "data": null, "errors": errors}))).into_response()
}

/// Wants `isbn` and `socio`.
fn lend(fault: &str, body: &[u8]) -> Response {
    if fault == "accepts-text" && body.starts_with(b"{mal") {
        return answer(200, &json!(null));
    }
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        return refusal(400, &[("VALIDATION_ERROR", "cuerpo: no es JSON")]);
    };
    let wanted = if fault == "one-field" { &["isbn"][..] } else { &["isbn", "socio"] };
    let missing: Vec<&str> = wanted.iter().copied().filter(|name| !body[*name].is_string()).collect();
    let told: Vec<(String, String)> =
        missing.iter().map(|name| ("VALIDATION_ERROR".to_owned(), format!("{name}: falta"))).collect();
    let told: Vec<(&str, &str)> = told.iter().map(|(code, message)| (code.as_str(), message.as_str())).collect();
    if told.is_empty() { answer(200, &json!({"prestamo": 1})) } else { refusal(422, &told) }
}

/// The id, and a record for each request.
async fn dressed(fault: &'static str, request: Request, next: Next) -> Response {
    let given = given(&request);
    let id = given.clone().unwrap_or_else(|| format!("libros-{}", fastrand::u64(..)));
    let (path, health) = (request.uri().path().to_owned(), request.uri().path().starts_with("/health"));
    let mut response = spoiled(fault, next.run(request).await).await;
    let status = response.status().as_u16();
    if fault != "lost-id" || !(400..500).contains(&status) {
        let id = if fault == "same-id" && given.is_none() { "libros" } else { &id };
        response.headers_mut().insert("x-correlation-id", id.parse().unwrap());
    }
    response.headers_mut().insert("x-content-type-options", "nosniff".parse().unwrap());
    if status == 405 {
        response.headers_mut().insert("allow", "GET, POST".parse().unwrap());
    }
    if !health {
        lines::tell_request(fault, &id, &path, status);
    }
    response
}

/// The id that a request brings, where it is a usual one.
fn given(request: &Request) -> Option<String> {
    let id = request.headers().get("x-correlation-id")?.to_str().ok()?;
    Some(id.to_owned()).filter(|id| (1..=64).contains(&id.len()) && !id.contains([' ', '\t']))
}

/// An answer with the fault in it.
async fn spoiled(fault: &str, response: Response) -> Response {
    let status = response.status().as_u16();
    match (fault, status) {
        ("html-405", 405) => (StatusCode::METHOD_NOT_ALLOWED, Html("<h1>No</h1>")).into_response(),
        ("lower-case-code", 404) => refusal(404, &[("no existe", "No existe")]),
        ("success-of-errors", 404 | 405) => {
            let (head, body) = response.into_parts();
            let text = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
            (head.status, Json(serde_json::from_str::<Value>(&text.replace("false", "true")).unwrap())).into_response()
        }
        _ => response,
    }
}

fn document() -> Value {
    let envelope = json!({"content": {"application/json": {"schema": {"type": "object", "properties": {"success": {}, "data": {}, "errors": {}}}}}});
    let body = json!({"content": {"application/json": {"schema": {"type": "object", "required": ["isbn", "socio"]}}}});
    json!({"openapi": "3.0.3", "paths": {"/api/v2/libros": {
        "get": {"responses": {"200": envelope, "404": envelope}},
        "post": {"requestBody": body, "responses": {"200": envelope, "422": envelope}},
    }}})
}

/// What it lacks, all of it only desirable.
const LACKS: [&str; 5] = ["LOG-17", "OPS-01", "OPS-03", "OPS-05", "VAL-08"];

/// Nothing obligatory is broken; what it lacks is told as desirable.
pub(crate) fn breaks_no_rule() -> Result<(), String> {
    let (report, output) = judged("other-style", &["--ready", "/api/v2/libros"]);
    if broken(&report).iter().all(|id| LACKS.contains(&id.as_str()))
        && report["verdict"] == "INCOMPLETO"
        && output.status.code() == Some(0)
    {
        return Ok(());
    }
    Err(format!("broken: {:?}\n{}", broken(&report), shown(&output)))
}

/// A fault is found by its rule, and by those that say the same of it.
pub(crate) fn tells(fault: &str, rules: &[&str]) -> Result<(), String> {
    let (report, output) = judged(&format!("other-style {fault}"), &["--ready", "/api/v2/libros", "--skip", "LOG-17"]);
    let found: BTreeSet<String> = broken(&report).into_iter().filter(|id| !LACKS.contains(&id.as_str())).collect();
    let wanted: BTreeSet<String> = rules.iter().map(|id| (*id).to_owned()).collect();
    if found == wanted { Ok(()) } else { Err(format!("wanted {wanted:?}, found {found:?}\n{}", shown(&output))) }
}
