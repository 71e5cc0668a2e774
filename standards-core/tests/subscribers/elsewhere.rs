//! What is said by hand, in a process whose subscriber has no layer of ours.

use std::time::Duration;

use standards_core::log::{LogLevel, Record, StructuredLogger};
use standards_core::{Failure, context, log_context};

use crate::support::{Text, request};

/// What `tracing-subscriber`'s own subscriber writes of `work`.
fn lines(work: impl FnOnce()) -> Vec<String> {
    let text = Text::default();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .without_time()
        .with_max_level(tracing::Level::DEBUG)
        .with_writer(text.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, work);
    text.lines()
}

const ACCESS: &str = concat!(
    " INFO standards::access: Solicitud atendida correlation_id=\"abc\" status=200 duration_ms=1.5 ",
    "http_method=\"GET\" route=\"/pagos/{id}\""
);

fn access_record() -> Record<'static> {
    Record::new(LogLevel::Info, "Solicitud atendida").target("standards::access")
}

#[test]
fn an_access_record_is_an_event_with_typed_fields() {
    let kept = || {
        let record = access_record().field("status", 200_u16).field("duration_ms", 1.5);
        record.field("http_method", "GET").field("route", "/pagos/{id}").emit();
    };
    assert_eq!(lines(|| context::sync_scope(request("abc"), kept)), [ACCESS]);
}

#[test]
fn fields_that_are_not_kept_are_told_too() {
    let told = || {
        access_record().emit_with(|fields| {
            fields.unsigned("status", 200);
            fields.milliseconds("duration_ms", Duration::from_micros(1_500));
            fields.text("http_method", "GET");
            fields.text("route", "/pagos/{id}");
        });
    };
    assert_eq!(lines(|| context::sync_scope(request("abc"), told)), [ACCESS]);
}

#[test]
fn what_was_added_to_the_request_is_in_its_context() {
    let lines = lines(|| {
        context::sync_scope(request("abc"), || {
            context::add("cliente_id", 7);
            context::add("password", "hunter2");
            Record::new(LogLevel::Info, "Solicitud atendida").target("standards::access").field("status", 200_u16).emit();
        });
    });
    let expected = r#" status=200 context="{\"cliente_id\":7,\"password\":\"[redacted]\"}""#;
    assert!(lines[0].ends_with(expected), "{}", lines[0]);
}

#[tokio::test]
async fn within_the_requests_span_the_id_is_told_once() {
    let text = Text::default();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).without_time().with_writer(text.clone()).finish();
    let _default = tracing::subscriber::set_default(subscriber);
    context::scope(request("abc"), async { Record::new(LogLevel::Info, "Caja abierta").emit() }).await;
    assert_eq!(text.lines(), [" INFO request{correlation_id=\"abc\"}: standards::log: Caja abierta"]);
}

#[test]
fn the_rest_is_a_context_in_which_secrets_are_masked() {
    let context = || {
        let context = log_context! { cliente_id: 7, password: "hunter2", nota: "Bearer abcdefghijklmnop" };
        StructuredLogger::new("caja").warning("Pago rechazado a ana@example.com", context);
    };
    let lines = lines(context);
    assert_eq!(lines.len(), 1, "{lines:#?}");
    let line = lines[0].as_str();
    assert!(line.starts_with(" WARN standards::log: Pago rechazado a "), "{line}");
    assert!(line.contains(r#"\"cliente_id\":7"#), "{line}");
    for secret in ["hunter2", "abcdefghijklmnop", "ana@example.com"] {
        assert!(!line.contains(secret), "{line}");
    }
}

#[test]
fn a_failure_keeps_its_code_its_cause_and_its_place() {
    let failure = Failure::unavailable("connection refused").with_context("intentos", 3);
    let told = lines(|| Record::new(LogLevel::Error, failure.message()).failure(&failure).emit());
    let line = told.concat();
    for part in [
        "ERROR standards::log: Servicio no disponible",
        r#"error_code="SERVICE_UNAVAILABLE""#,
        "connection refused",
        "tests/subscribers/elsewhere.rs",
        r#"{\"intentos\":3}"#,
    ] {
        assert!(line.contains(part), "{part} in {line}");
    }
}

#[test]
fn levels_are_the_subscribers_own() {
    let debug = || Record::new(LogLevel::Debug, "detalle").emit();
    assert_eq!(lines(debug), ["DEBUG standards::log: detalle"]);
    let quiet = tracing_subscriber::fmt().with_max_level(tracing::Level::INFO).with_writer(Text::default()).finish();
    tracing::subscriber::with_default(quiet, debug);
}
