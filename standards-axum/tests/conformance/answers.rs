//! Switches of the answers: what a service in front of the good one would spoil.

use std::sync::Mutex;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::service::CANARY;

const ID: HeaderName = HeaderName::from_static("x-correlation-id");
const INTERNAL: &str =
    r#"{"success":false,"data":null,"errors":[{"code":"INTERNAL_ERROR","message":"Error interno del servidor"}]}"#;

/// The id of the request before.
static BEFORE: Mutex<Option<HeaderValue>> = Mutex::new(None);

/// What a request was, and what it came to.
struct Exchange {
    path: String,
    id: Option<HeaderValue>,
    origin: Option<HeaderValue>,
    key: Option<String>,
    head: http::response::Parts,
    body: Vec<u8>,
}

/// Lets the good service answer, and breaks one thing.
pub(crate) async fn broken(switch: String, request: Request, next: Next) -> Response {
    if let Some(refusal) = unauthenticated(&switch, &request) {
        return refusal;
    }
    let (path, id, origin, key) = asked(&request);
    let (head, body) = next.run(request).await.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    let mut exchange = Exchange { path, id, origin, key, head, body };
    exchange.of_api(&switch);
    exchange.of_errors(&switch);
    exchange.of_probes(&switch);
    exchange.of_ids(&switch);
    exchange.beside(&switch);
    exchange.head.headers.remove(CONTENT_LENGTH);
    Response::from_parts(exchange.head, Body::from(exchange.body))
}

/// Where the service wants a token: who has none learns it by 401, or by another status.
fn unauthenticated(switch: &str, request: &Request) -> Option<Response> {
    let token = std::env::var("SABOTAGE_TOKEN").ok()?;
    let path = request.uri().path();
    let has_token = request.headers().get("authorization").is_some_and(|given| *given == format!("Bearer {token}"));
    if has_token || !path.starts_with("/api/") || path.ends_with("openapi.json") {
        return None;
    }
    let refusal = Response::builder().status(if switch == "ERR-09" { 400 } else { 401 }).header(CONTENT_TYPE, "application/json");
    let refusal = refusal.header(ID, request.headers().get(ID)?).header("x-content-type-options", "nosniff");
    Some(refusal.body(Body::from(INTERNAL.replace("INTERNAL_ERROR", "HTTP_ERROR"))).unwrap())
}

/// What is kept of a request: path, id, origin, key.
fn asked(request: &Request) -> (String, Option<HeaderValue>, Option<HeaderValue>, Option<String>) {
    let header = |name: &str| request.headers().get(name).cloned();
    let key = header("x-api-key").map(|key| key.to_str().unwrap().to_owned());
    (request.uri().path().to_owned(), header("x-correlation-id"), header("origin"), key)
}

impl Exchange {
    fn status(&self) -> u16 {
        self.head.status.as_u16()
    }

    fn is_success_of(&self, path: &str) -> bool {
        self.status() == 200 && self.path.starts_with(path) && !self.path.ends_with("openapi.json")
    }

    /// Whether the request was sent for this rule.
    fn asks(&self, rule: &str) -> bool {
        self.id.as_ref().is_some_and(|id| String::from_utf8_lossy(id.as_bytes()).contains(&format!("-{rule}-")))
    }

    fn json(&mut self, change: impl FnOnce(&mut Value)) {
        let mut body: Value = serde_json::from_slice(&self.body).unwrap();
        change(&mut body);
        self.body = body.to_string().into_bytes();
    }

    fn answer(&mut self, status: u16, body: &str) {
        self.head.status = StatusCode::from_u16(status).unwrap();
        self.body = body.as_bytes().to_vec();
        self.header(CONTENT_TYPE, "application/json");
    }

    fn header(&mut self, name: HeaderName, value: &'static str) {
        self.head.headers.insert(name, HeaderValue::from_static(value));
    }

    fn plain(&mut self) {
        self.body = b"<h1>No</h1>".to_vec();
        self.header(CONTENT_TYPE, "text/html");
    }

    fn of_api(&mut self, switch: &str) {
        match switch {
            "API-01" if self.is_success_of("/api/v1/clientes") => self.json(|body| body["extra"] = json!(1)),
            "API-02" if self.status() == 400 => self.json(|body| body["extra"] = json!(1)),
            "API-03" if self.is_success_of("/api/v1/pagos") => self.json(|body| body["success"] = json!(false)),
            "API-04" if self.status() == 400 => self.header(CONTENT_TYPE, "text/json"),
            "API-05" if self.is_success_of("/api/v1/clientes") => self.head.status = StatusCode::CREATED,
            "API-06" if self.is_success_of("/api/v1/pagos") => self.json(|body| {
                if body["data"].is_object() {
                    body["data"]["monto"] = json!(100.5);
                }
            }),
            "API-07" if self.path.ends_with("openapi.json") => self.answer(404, INTERNAL),
            "API-10" if self.is_success_of("/api/v1/clientes/") => {
                self.json(|body| drop(body["data"].as_object_mut().unwrap().remove("created_at")));
            }
            "API-08" | "API-09" if self.path.ends_with("openapi.json") => self.document(switch),
            _ => {}
        }
    }

    fn document(&mut self, switch: &str) {
        self.json(|document| match switch {
            "API-08" => drop(document["paths"]["/api/v1/pagos"]["get"]["responses"].as_object_mut().unwrap().remove("200")),
            _ => document["paths"]["/sin-version"] = document["paths"]["/api/v1/pagos"].clone(),
        });
    }

    fn of_errors(&mut self, switch: &str) {
        let code = |body: &Value| body["errors"][0]["code"].clone();
        match switch {
            "ERR-01" if self.status() == 400 && self.asks("ERR-01") && self.body.starts_with(b"{") => {
                self.json_status(404, "CLIENTE_NO_ENCONTRADO");
            }
            "ERR-02" if self.status() == 400 => self.json(|body| {
                if code(body) == "SALDO_INSUFICIENTE" {
                    body["errors"][0]["message"] = json!("No");
                }
            }),
            "ERR-03" if self.status() == 404 => self.plain(),
            "ERR-04" if self.status() == 405 => self.plain(),
            "ERR-05" if self.status() == 500 => self.answer(503, &INTERNAL.replace("INTERNAL_ERROR", "SERVICE_UNAVAILABLE")),
            "ERR-06" if self.status() == 500 => self.body = INTERNAL.replace("interno", CANARY).into_bytes(),
            "ERR-07" if self.status() == 415 => self.json(|body| body["errors"][0]["code"] = json!("http-error")),
            "ERR-10" => drop(self.head.headers.remove(ALLOW)),
            _ => {}
        }
    }

    fn json_status(&mut self, status: u16, code: &str) {
        let body: Value = serde_json::from_slice(&self.body).unwrap();
        if body["errors"][0]["code"] == code {
            self.head.status = StatusCode::from_u16(status).unwrap();
        }
    }

    fn of_probes(&mut self, switch: &str) {
        let accepted = r#"{"success":true,"data":null,"errors":[]}"#;
        match switch {
            "VAL-01" if self.asks("VAL-01") => self.json(|body| {
                body["errors"].as_array_mut().unwrap().iter_mut().for_each(|error| error["code"] = json!("HTTP_ERROR"));
            }),
            "VAL-02" if self.asks("VAL-01") => self.json(|body| body["errors"].as_array_mut().unwrap().truncate(1)),
            "VAL-03" | "VAL-04" | "VAL-05" | "VAL-06" if self.asks(switch) => self.answer(200, accepted),
            "VAL-07" if self.asks(switch) => self.answer(500, INTERNAL),
            "VAL-08" if self.asks(switch) => self.answer(422, INTERNAL),
            _ => {}
        }
    }

    fn of_ids(&mut self, switch: &str) {
        let before = std::mem::replace(&mut *BEFORE.lock().unwrap(), self.id.clone().filter(|_| self.asks("COR-05")));
        let long = self.id.as_ref().is_some_and(|id| id.len() > 128);
        let empty = self.id.as_ref().is_some_and(HeaderValue::is_empty);
        match switch {
            "COR-01" if self.status() < 300 && self.asks("API-01") => self.header(ID, "otro"),
            "COR-02" if self.id.is_none() => self.header(ID, "siempre-el-mismo"),
            "COR-03" if self.status() / 100 == 4 => drop(self.head.headers.remove(ID)),
            "COR-04" if self.status() == 500 => drop(self.head.headers.remove(ID)),
            "COR-05" if self.asks(switch) => drop(before.map(|before| self.head.headers.insert(ID, before))),
            "COR-06" if empty => drop(self.head.headers.remove(ID)),
            "COR-07" if long => drop(self.id.clone().map(|id| self.head.headers.insert(ID, id))),
            _ => {}
        }
    }

    fn beside(&mut self, switch: &str) {
        let name = HeaderName::from_static;
        match switch {
            "LOG-13" if self.key.is_some() => crate::lines::tell("WARNING", self.key.as_deref().unwrap()),
            "OPS-01" if self.path == "/health/live" => self.head.status = StatusCode::NOT_FOUND,
            "OPS-03" if self.path == "/metrics" => self.body = b"nada".to_vec(),
            "OPS-05" if self.path == "/docs" => self.body = b"<script src=\"https://cdn.example/ui.js\"></script>".to_vec(),
            "OPS-06" if self.path == "/health/live" => crate::lines::tell_of(self.id.as_ref().unwrap().to_str().unwrap()),
            "SEC-01" if self.origin.is_some() => {
                self.head.headers.insert(name("access-control-allow-origin"), self.origin.clone().unwrap());
                self.header(name("access-control-allow-credentials"), "true");
            }
            "SEC-02" => drop(self.head.headers.remove("x-content-type-options")),
            "SEC-03" => self.header(name("server"), "saboteur/1.2.3"),
            _ => {}
        }
    }
}
