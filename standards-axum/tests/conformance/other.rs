//! A service of another style: other routes, other nouns, no money, none of our layers. It has no profile.

use std::process::ExitCode;

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::checker::{broken, judged, shown};
use crate::lines;

/// Serves books until SIGTERM, its log by hand.
pub(crate) async fn serve() -> ExitCode {
    let mut stop = signal(SignalKind::terminate()).unwrap();
    let port: u16 = std::env::var("PORT").unwrap().parse().unwrap();
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let books = get(async || answer(200, &json!([{"isbn": "1"}]))).post(async |body: Bytes| lend(&body));
    let router = Router::new()
        .route("/api/v2/libros", books)
        .route("/api/v1/openapi.json", get(async || Json(document())))
        .fallback(async || refusal(404, &[("NO_EXISTE", "No existe")]))
        .method_not_allowed_fallback(async || refusal(405, &[("VERBO", "No se puede")]))
        .layer(from_fn(dressed));
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
fn lend(body: &[u8]) -> Response {
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        return refusal(400, &[("VALIDATION_ERROR", "cuerpo: no es JSON")]);
    };
    let missing: Vec<&str> = ["isbn", "socio"].into_iter().filter(|name| !body[*name].is_string()).collect();
    let told: Vec<(String, String)> =
        missing.iter().map(|name| ("VALIDATION_ERROR".to_owned(), format!("{name}: falta"))).collect();
    let told: Vec<(&str, &str)> = told.iter().map(|(code, message)| (code.as_str(), message.as_str())).collect();
    if told.is_empty() { answer(200, &json!({"prestamo": 1})) } else { refusal(422, &told) }
}

/// The id, and a record for each request.
async fn dressed(request: Request, next: Next) -> Response {
    let given = request
        .headers()
        .get("x-correlation-id")
        .and_then(|id| id.to_str().ok())
        .filter(|id| (1..=64).contains(&id.len()) && !id.contains([' ', '\t']));
    let id = given.map_or_else(|| format!("libros-{}", fastrand::u64(..)), str::to_owned);
    let (path, health) = (request.uri().path().to_owned(), request.uri().path().starts_with("/health"));
    let mut response = next.run(request).await;
    let mut allow = response.headers().get("allow").is_none() && response.status() == 405;
    response.headers_mut().insert("x-correlation-id", id.parse().unwrap());
    response.headers_mut().insert("x-content-type-options", "nosniff".parse().unwrap());
    if std::mem::take(&mut allow) {
        response.headers_mut().insert("allow", "GET, POST".parse().unwrap());
    }
    if !health {
        lines::tell_request(&id, &path, response.status().as_u16());
    }
    response
}

fn document() -> Value {
    let envelope = json!({"content": {"application/json": {"schema": {"type": "object", "properties": {"success": {}, "data": {}, "errors": {}}}}}});
    let body = json!({"content": {"application/json": {"schema": {"type": "object", "required": ["isbn", "socio"]}}}});
    json!({"openapi": "3.0.3", "paths": {"/api/v2/libros": {
        "get": {"responses": {"200": envelope, "404": envelope}},
        "post": {"requestBody": body, "responses": {"200": envelope, "422": envelope}},
    }}})
}

/// Nothing obligatory is broken; what it lacks is told as desirable.
pub(crate) fn breaks_no_rule() -> Result<(), String> {
    let (report, output) = judged("other-style", &["--ready", "/api/v2/libros"]);
    let lacks: Vec<String> = broken(&report).into_iter().collect();
    let wanted = ["LOG-17", "OPS-01", "OPS-03", "OPS-05", "VAL-08"];
    if lacks.iter().all(|id| wanted.contains(&id.as_str()))
        && report["verdict"] == "INCOMPLETO"
        && output.status.code() == Some(0)
    {
        return Ok(());
    }
    Err(format!("broken: {lacks:?}\n{}", shown(&output)))
}
