//! The 30-line service, as it runs: every answer is in the standard although nothing in it mentions the standard's rules.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests say what they expect by failing")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The example's process; killed with the test if the test has not stopped it.
struct Saludos {
    process: Child,
    log: BufReader<std::process::ChildStdout>,
    address: String,
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Saludos {
    fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_saludos"))
            .env("PORT", "0")
            .env("REQUEST_TIMEOUT_MS", "1000")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stdout.take().unwrap());
        let mut first = String::new();
        log.read_line(&mut first).unwrap();
        let started: serde_json::Value = serde_json::from_str(&first).unwrap();
        let address = started["context"]["address"].as_str().expect("the start record").to_owned();
        Self { process, log, address }
    }

    /// Sends these bytes on a connection of their own and reads until the server closes it.
    fn send(&self, request: &str) -> Answer {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
    }

    fn post(&self, content_type: &str, body: &str) -> Answer {
        let length = body.len();
        self.send(&format!(
            "POST /saludos HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
    }

    /// Tells the process to stop and returns its exit code, the rest of its log, and what it wrote on standard error.
    fn stop(mut self) -> (Option<i32>, Vec<serde_json::Value>, String) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let (mut rest, mut errors) = (String::new(), String::new());
        self.log.read_to_string(&mut rest).unwrap();
        self.process.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        let records = rest.lines().map(|line| serde_json::from_str(line).expect("one JSON record per line")).collect();
        (self.process.wait().unwrap().code(), records, errors)
    }
}

impl Drop for Saludos {
    fn drop(&mut self) {
        // It has stopped already unless the test failed.
        let _ = self.process.kill();
    }
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
fn thirty_lines_are_enough() {
    let source = include_str!("../saludos.rs");
    let code = source.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with("//"));
    assert!(code.count() <= 30);
}

#[test]
fn every_answer_is_in_the_standard() {
    let saludos = Saludos::start();
    let greeted = saludos.post(JSON, r#"{"nombre":"Ana"}"#);
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
fn assert_protocol_failures(saludos: &Saludos) {
    let get = |path: &str| saludos.send(&format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    assert_failure(&get("/nope"), 404, "HTTP_ERROR", "Recurso no encontrado");
    assert_failure(&get("/saludos"), 405, "HTTP_ERROR", "Método no permitido");
    assert!(get("/saludos").head.contains("allow: post"));
    assert_failure(&saludos.post(JSON, &"x".repeat(20_000)), 413, "HTTP_ERROR", "Cuerpo demasiado grande");
    assert_failure(&saludos.post("text/plain", "Ana"), 415, "HTTP_ERROR", "Tipo de contenido no soportado");
    assert_failure(&saludos.send(HALF), 408, "HTTP_ERROR", "La solicitud no llegó a tiempo");
}

#[track_caller]
fn assert_handler_failures(saludos: &Saludos) {
    let name = |nombre: &str| saludos.post(JSON, &format!(r#"{{"nombre":"{nombre}"}}"#));
    assert_failure(&saludos.post(JSON, "{}"), 422, "VALIDATION_ERROR", "nombre: es obligatorio");
    assert_failure(&name("root"), 400, "NOMBRE_PROHIBIDO", "Ese nombre no está permitido");
    assert_failure(&name("panic"), 500, "INTERNAL_ERROR", "Error interno del servidor");
    assert_failure(&name("perezoso"), 503, "SERVICE_UNAVAILABLE", "Servicio no disponible, intente más tarde");
}
