//! `serve` in a process that has a log of its own. The scenes are processes of their own: this binary, told to play one.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use axum::Router;
use axum::routing::get;
use http::StatusCode;
use standards_axum::{Exit, serve, service_info};

/// Names the scene that a child plays.
const SCENE: &str = "STANDARDS_AXUM_SCENE";

fn child(scene: &str) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "joining::scene", "--nocapture"]).env(SCENE, scene).env("PORT", "0").env("RUST_BACKTRACE", "0");
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// What a child does; of no interest otherwise.
#[tokio::test]
async fn scene() {
    let Ok(scene) = std::env::var(SCENE) else { return };
    match scene.as_str() {
        "fmt" => tracing_subscriber::fmt().with_ansi(false).init(),
        "log" => log::set_logger(&Mute).unwrap(),
        other => panic!("no scene {other}"),
    }
    let routes = Router::new()
        .route("/rota", get(async || StatusCode::BAD_GATEWAY))
        .route("/panico", get(async || panic!("a propósito") as ()));
    let exit = serve(service_info!(), routes).await;
    assert_eq!(exit, if scene == "fmt" { Exit::Stopped } else { Exit::Failed });
}

/// A logger that somebody has installed.
struct Mute;

impl log::Log for Mute {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        false
    }

    fn log(&self, _: &log::Record<'_>) {}

    fn flush(&self) {}
}

fn ask(address: &str, path: &str) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nX-Correlation-ID: abc-123\r\nConnection: close\r\n\r\n").unwrap();
    stream.read_to_string(&mut String::new()).unwrap();
}

/// Tells it to stop, and returns how it ended and what it wrote on standard error.
fn stop(mut process: Child) -> (bool, String) {
    assert!(Command::new("kill").args(["-s", "TERM", &process.id().to_string()]).status().unwrap().success());
    let mut errors = String::new();
    process.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    (process.wait().unwrap().success(), errors)
}

/// Everything that a service wrote which joined a subscriber, answered a few requests and was stopped.
fn joined() -> String {
    let mut process = child("fmt");
    let mut output = BufReader::new(process.stdout.take().unwrap());
    let mut text = String::new();
    while !text.contains("Servicio iniciado") {
        assert_ne!(output.read_line(&mut text).unwrap(), 0, "{text}");
    }
    let (_, address) = text.rsplit_once("127.0.0.1:").unwrap();
    let port: String = address.chars().take_while(char::is_ascii_digit).collect();
    for path in ["/rota", "/panico"] {
        ask(&format!("127.0.0.1:{port}"), path);
    }
    let (ended_well, errors) = stop(process);
    output.read_to_string(&mut text).unwrap();
    assert!(ended_well && errors.is_empty(), "{text}{errors}");
    text
}

#[test]
fn serve_joins_a_subscriber_that_is_there() {
    let text = joined();
    let line = |part: &str| text.lines().find(|line| line.contains(part)).unwrap_or_else(|| panic!("{part} in {text}"));
    assert!(line("LOG_LEVEL y LOG_FORMAT no se aplican").contains(" INFO "));
    let access = line("status=502");
    assert!(access.contains("ERROR") && access.contains("standards::access") && access.contains("abc-123"), "{access}");
    assert!(access.contains("route=\"/rota\"") && access.contains("http_method=\"GET\""), "{access}");
    let panicked = line("a propósito");
    assert!(panicked.contains("status=500") && panicked.contains("tests/standard/joining.rs"), "{panicked}");
    assert!(text.contains("Servicio detenido"), "{text}");
}

#[test]
fn a_log_that_cannot_be_joined_is_told_on_standard_error() {
    let output = child("log").wait_with_output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(errors, "error: the log cannot be installed: a logger of the log crate is installed already\n");
    assert!(output.status.success(), "the scene expects the service to fail");
}
