//! The 20-line service, as it runs: every answer is in the standard although nothing in it mentions the standard's rules.

use crate::process::{Answer, Process};

fn start() -> Process {
    Process::start(env!("CARGO_BIN_EXE_saludos"), &[("REQUEST_TIMEOUT_MS", "1000")])
}

fn post(saludos: &Process, content_type: &str, body: &str) -> Answer {
    saludos.post("/saludos", content_type, body)
}

#[track_caller]
fn assert_failure(answer: &Answer, status: u16, code: &str, message: &str) {
    let body = format!(r#"{{"success":false,"data":null,"errors":[{{"code":"{code}","message":"{message}"}}]}}"#);
    assert_eq!((answer.status, answer.body.as_str()), (status, body.as_str()));
    for header in ["content-type: application/json", "x-correlation-id: ", "x-content-type-options: nosniff"] {
        assert!(answer.head.contains(header), "{header} is missing in {}", answer.head);
    }
}

#[test]
fn twenty_lines_are_enough() {
    let source = include_str!("../../saludos.rs");
    let code = source.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with("//"));
    assert!(code.count() <= 20);
}

#[test]
fn every_answer_is_in_the_standard() {
    let saludos = start();
    let greeted = post(&saludos, JSON, r#"{"nombre":"Ana"}"#);
    assert_eq!((greeted.status, greeted.body.as_str()), (200, r#"{"success":true,"data":"Hola, Ana","errors":[]}"#));
    assert_protocol_failures(&saludos);
    assert_handler_failures(&saludos);
    let (code, records, errors) = saludos.stop();
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert!(records.iter().all(|record| record["correlation_id"].is_string() && record["level"].is_string()));
    let errors: Vec<_> = records.iter().filter(|record| record["level"] == "ERROR").collect();
    assert_eq!(errors.len(), 2, "the panic and the timeout: {errors:#?}");
}

const JSON: &str = "application/json";

/// A body of which a part never comes.
const HALF: &str =
    "POST /saludos HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{";

#[track_caller]
fn assert_protocol_failures(saludos: &Process) {
    let get = |path: &str| saludos.get(path);
    assert_failure(&get("/nope"), 404, "HTTP_ERROR", "Recurso no encontrado");
    assert_failure(&get("/saludos"), 405, "HTTP_ERROR", "Método no permitido");
    assert!(get("/saludos").head.contains("allow: post"));
    assert_failure(&post(saludos, JSON, &"x".repeat(20_000)), 413, "HTTP_ERROR", "Cuerpo demasiado grande");
    assert_failure(&post(saludos, "text/plain", "Ana"), 415, "HTTP_ERROR", "Tipo de contenido no soportado");
    assert_failure(&saludos.send(HALF), 408, "HTTP_ERROR", "La solicitud no llegó a tiempo");
}

#[track_caller]
fn assert_handler_failures(saludos: &Process) {
    let name = |nombre: &str| post(saludos, JSON, &format!(r#"{{"nombre":"{nombre}"}}"#));
    assert_failure(&post(saludos, JSON, "{}"), 422, "VALIDATION_ERROR", "nombre: es obligatorio");
    assert_failure(&name("panic"), 500, "INTERNAL_ERROR", "Error interno del servidor");
    assert_failure(&name("perezoso"), 503, "SERVICE_UNAVAILABLE", "Servicio no disponible, intente más tarde");
}
