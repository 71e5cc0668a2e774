//! Whole lines.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use standards_core::context::{self, TraceParent, process_id};
use standards_core::log::{LogContext, LogFormat, LogLevel, Record, Redaction, StructuredLogger};
use standards_core::{CorrelationId, Failure, Language, RequestContext, error_catalogue, log_context};
use tracing::{debug, error, info, trace, warn};

use crate::support::{in_sample_request, line, line_with, lines_with, options, record};

const SAMPLE: &str = r#"{"@timestamp":"2025-07-04T10:30:45.123Z","level":"INFO","artifact":"ms-pago-service","version":"1.2.3","correlation_id":"abc-123-def-456","endpoint":"/api/v1/pagos","method":"procesar_pago","message":"Pago procesado exitosamente","context":{"cliente_id":123,"pago_id":456,"monto":"100.50","moneda":"CLP"}}"#;

error_catalogue! {
    enum PagoError {
        SaldoInsuficiente { saldo: i64 } => 400, "SALDO_INSUFICIENTE", "Saldo insuficiente para realizar la operación";
    }
}

/// An error that knows why.
#[derive(Debug)]
struct Caida(Option<Box<Caida>>);

impl fmt::Display for Caida {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "sin base de datos" } else { "sin red" })
    }
}

impl Error for Caida {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.as_deref().map(|cause| cause as &dyn Error)
    }
}

#[test]
fn the_guideline_s_sample_by_a_macro() {
    let monto = "100.50";
    let sample = line(|| {
        in_sample_request(|| {
            info!(target: "ms_pago_service", cliente_id = 123, pago_id = 456, %monto, moneda = "CLP", "Pago procesado exitosamente");
        });
    });
    assert_eq!(sample, SAMPLE);
}

#[test]
fn the_guideline_s_sample_by_its_logger() {
    const LOGGER: StructuredLogger = StructuredLogger::new("ms_pago_service::pagos");
    let context = log_context! { cliente_id: 123, pago_id: 456, monto: "100.50", moneda: "CLP" };
    assert_eq!(line(|| in_sample_request(|| LOGGER.info("Pago procesado exitosamente", context))), SAMPLE);
    let chained = LOGGER.with("cliente_id", 123).with("pago_id", 456).with("monto", "100.50").with("moneda", "CLP");
    assert_eq!(line(|| in_sample_request(|| chained.info("Pago procesado exitosamente"))), SAMPLE);
}

#[test]
fn fields_that_are_written_as_they_are_told_read_like_those_that_are_kept() {
    let microseconds = [0, 1, 10, 999, 1_000, 1_250, 12_345_678, 86_400_000_000];
    for time in microseconds {
        let kept = || {
            let milliseconds =
                f64::from(u32::try_from(time / 1_000).unwrap()) + f64::from(u32::try_from(time % 1_000).unwrap()) / 1e3;
            let record = Record::new(LogLevel::Info, "Conciliado").field("pagos", u64::MAX).field("duration_ms", milliseconds);
            record.field("socio", "Banco\n").field("clave", "x").field("pagos", 3).emit();
        };
        let told = || {
            Record::new(LogLevel::Info, "Conciliado").field("pagos", 3).emit_with(|fields| {
                fields.unsigned("pagos", u64::MAX);
                fields.milliseconds("duration_ms", Duration::from_micros(time));
                fields.text("socio", "Banco\n");
                fields.text("clave", "x");
            });
        };
        assert_eq!(record(told)["context"], record(kept)["context"], "{time}");
        assert_eq!(record(told)["context"]["clave"], "[redacted]");
    }
}

#[test]
fn a_time_is_told_to_the_nearest_microsecond() {
    let told = |nanoseconds| {
        let time = Duration::from_nanos(nanoseconds);
        let line = line(|| Record::new(LogLevel::Info, "Hecho").emit_with(|fields| fields.milliseconds("ms", time)));
        line.split("\"ms\":").nth(1).unwrap().trim_end_matches(['}', '\n']).to_owned()
    };
    let times = [0, 499, 500, 1_499, 1_000_000, 1_500_000, 1_050_000, 7_001_234_567];
    assert_eq!(times.map(told), ["0.0", "0.0", "0.001", "0.001", "1.0", "1.5", "1.05", "7001.235"]);
}

#[test]
fn an_error_brings_its_block_and_its_traceback() {
    let failure = Failure::internal(Caida(Some(Box::new(Caida(None)))));
    let place = failure.traceback();
    let place = place.lines().next().unwrap();
    let line = line(|| in_sample_request(|| StructuredLogger::new("ms_pago_service").error("Fallo", (), &failure)));
    let start = format!(
        r#""message":"Fallo","error":{{"type":"log::record::Caida","message":"Error interno del servidor: sin base de datos: sin red","traceback":"{place}"#
    );
    assert!(line.contains(&start), "{line}");
    assert!(line.contains(r#"","error_code":"INTERNAL_ERROR"},"traceback":""#), "{line}");
    let json: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(json["error"]["traceback"], json["traceback"]);
}

#[test]
fn the_error_s_type_is_what_failed() {
    let of =
        |failure: Failure| record(|| Record::new(LogLevel::Error, "Fallo").failure(&failure).emit())["error"]["type"].clone();
    let boxed: Box<dyn Error + Send + Sync> = Box::new(Caida(None));
    assert_eq!(of(Failure::unavailable(Caida(None))), "log::record::Caida");
    assert_eq!(of(Failure::unavailable(boxed)), "SERVICE_UNAVAILABLE");
    assert_eq!(of(Failure::unavailable("sin red")), "SERVICE_UNAVAILABLE");
    assert_eq!(of(Failure::internal("sin red".to_owned())), "INTERNAL_ERROR");
    assert_eq!(of(Failure::unavailable("sin red").with_error_type("PoolTimedOut")), "PoolTimedOut");
    assert_eq!(of(Failure::from(std::io::Error::other("x"))), "std::io::error::Error");
    assert_eq!(of(PagoError::SaldoInsuficiente { saldo: 7 }.into()), "log::record::PagoError");
    assert_eq!(of(Failure::panic(&"roto")), "panic");
}

#[test]
fn a_failure_of_a_function_value_is_told_where_it_is_logged() {
    let connected: Result<(), _> = Err("sin red");
    let failure = connected.map_err(Failure::unavailable).unwrap_err();
    let record = record(|| StructuredLogger::new("ms_pago_service").error("Fallo", (), &failure));
    assert!(record["traceback"].as_str().unwrap().starts_with(file!()), "{record:#}");
}

#[test]
fn an_expected_failure_is_a_warning_with_its_code_and_values() {
    let failure = Failure::from(PagoError::SaldoInsuficiente { saldo: 7 });
    let line = line(|| {
        in_sample_request(|| {
            Record::new(LogLevel::Warning, failure.message()).target("ms_pago_service").failure(&failure).emit();
        });
    });
    let end =
        r#""message":"Saldo insuficiente para realizar la operación","context":{"saldo":7,"error_code":"SALDO_INSUFICIENTE"}}"#;
    assert!(line.ends_with(end), "{line}");
}

#[test]
fn an_error_event_has_a_block_even_without_an_error() {
    let caida = Caida(Some(Box::new(Caida(None))));
    let with = record(|| error!(error = &caida as &dyn Error, "Fallo"));
    assert_eq!(with["error"]["message"], "sin base de datos: sin red");
    let without = record(|| error!(target: "ms_pago_service::caja", "Fallo"));
    assert_eq!((&without["error"]["type"], &without["error"]["message"]), (&"ms_pago_service::caja".into(), &"Fallo".into()));
    assert!(without["traceback"].as_str().unwrap().starts_with(file!()), "{without:#}");
}

#[test]
fn below_error_an_error_is_a_text() {
    let caida = Caida(Some(Box::new(Caida(None))));
    let event = record(|| warn!(target: "ms_pago_service", error = &caida as &dyn Error, "Reintento"));
    assert_eq!(event["context"], serde_json::json!({"error": "sin base de datos: sin red"}));
    let by_record = record(|| Record::new(LogLevel::Warning, "Reintento").error(&caida).emit());
    assert_eq!(by_record["context"], event["context"]);
    assert!(by_record.get("error").is_none() && by_record.get("traceback").is_none());
}

#[test]
fn outside_a_request_the_process_speaks() {
    let line = line(|| info!(target: "standards::start", "Inicio"));
    let id = process_id();
    let expected = format!(
        r#"{{"@timestamp":"2025-07-04T10:30:45.123Z","level":"INFO","artifact":"ms-pago-service","version":"1.2.3","correlation_id":"{id}","message":"Inicio"}}"#
    );
    assert_eq!(line, expected);
}

#[test]
fn developers_and_third_parties_name_their_module() {
    let logger = |work: fn()| record(work)["logger"].clone();
    assert_eq!(logger(|| debug!(target: "ms_pago_service::pagos", "x")), "ms_pago_service::pagos");
    assert_eq!(logger(|| info!(target: "sqlx::query", "x")), "sqlx::query");
    assert_eq!(logger(|| info!(target: "ms_pago_service::pagos", "x")), serde_json::Value::Null);
    assert_eq!(record(|| trace!(target: "hyper::proto", "x"))["level"], "DEBUG");
}

#[test]
fn every_type_keeps_its_form() {
    let line = line(|| {
        info!(target: "standards", a = -1, b = u64::MAX, c = true, d = 1.5, e = "x", f = ?Some(1), g = f64::NAN, h = i128::MAX, i = 7_u128, "m");
    });
    let end = r#""context":{"a":-1,"b":"18446744073709551615","c":true,"d":1.5,"e":"x","f":"Some(1)","g":null,"h":"170141183460469231731687303715884105727","i":7}}"#;
    assert!(line.ends_with(end), "{line}");
}

#[test]
fn a_trace_stands_in_the_context() {
    let trace = TraceParent::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    let id = CorrelationId::parse("x").unwrap();
    let request = RequestContext::with_details(id, "/", "GET", Language::Es, trace);
    let line = line(|| context::sync_scope(request, || info!(target: "standards", a = 1, span_id = "own", "m")));
    let context = r#""context":{"a":1,"span_id":"own","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}}"#;
    assert!(line.ends_with(context), "{line}");
}

#[test]
fn a_disabled_level_writes_nothing() {
    let options = options().with_filters("warn,ms_pago_service::ruidoso=off,otro=debug".parse().unwrap());
    let lines = lines_with(&options, || {
        info!(target: "ms_pago_service", "no");
        error!(target: "ms_pago_service::ruidoso", "no");
        Record::new(LogLevel::Error, "no").target("ms_pago_service::ruidoso").emit();
        StructuredLogger::new("ms_pago_service").info("no", ());
        debug!(target: "otro", "sí");
        Record::new(LogLevel::Debug, "sí").target("otro").emit();
    });
    assert_eq!(lines.len(), 2, "{lines:#?}");
}

#[test]
fn the_elastic_form_nests_the_same_facts() {
    let options = options().with_format(LogFormat::Ecs);
    let line = line_with(&options, || in_sample_request(|| info!(target: "ms_pago_service", pago_id = 456, "Pago procesado")));
    let expected = r#"{"@timestamp":"2025-07-04T10:30:45.123Z","log.level":"INFO","message":"Pago procesado","ecs":{"version":"9.4.0"},"service":{"name":"ms-pago-service","version":"1.2.3"},"labels":{"correlation_id":"abc-123-def-456"},"url":{"path":"/api/v1/pagos"},"http":{"request":{"method":"POST"}},"event":{"action":"procesar_pago"},"context":{"pago_id":456}}"#;
    assert_eq!(line, expected);
}

#[test]
fn the_elastic_form_names_a_module_with_a_dot() {
    let line = line_with(&options().with_format(LogFormat::Ecs), || info!(target: "sqlx::query", "x"));
    assert!(line.contains(r#"},"log.logger":"sqlx::query"}"#), "{line}");
}

#[test]
fn a_terminal_shows_one_line_and_the_error_beneath() {
    let options = options().with_format(LogFormat::Pretty);
    let lines = lines_with(&options, || {
        in_sample_request(|| {
            info!(target: "ms_pago_service", pago_id = 456, moneda = "CLP", "Pago \x1b[2Jprocesado");
            StructuredLogger::new("ms_pago_service").error("Fallo", (), &Caida(None));
        });
    });
    let expected = " \x1b[32mINFO\x1b[0m    Pago \\u001b[2Jprocesado\x1b[2m pago_id=456 moneda=\"CLP\"  [procesar_pago /api/v1/pagos abc-123-def-456]\x1b[0m\n";
    assert!(lines[0].ends_with(expected), "{:?}", lines[0]);
    assert!(lines[1].contains("\n    log::record::Caida: sin red\n    "), "{:?}", lines[1]);
}

#[test]
fn the_deny_list_is_the_service_s() {
    let redaction = Redaction::default().with_key("cuenta").with_shown("nombre_producto");
    let line = line_with(&options().with_redaction(redaction), || {
        info!(target: "standards", nombre_producto = "Clavo", nombre = "Ana", cuenta_origen = 7, "m");
    });
    assert!(
        line.ends_with(r#""context":{"nombre_producto":"Clavo","nombre":"[redacted]","cuenta_origen":"[redacted]"}}"#),
        "{line}"
    );
}

trait PagoContext: LogContext {
    fn with_cliente(self, cliente_id: i64) -> standards_core::log::ContextBuilder {
        self.with("cliente_id", cliente_id)
    }
}

impl<L: LogContext> PagoContext for L {}

#[test]
fn a_service_adds_its_own_words() {
    let logger = StructuredLogger::new("ms_pago_service");
    let record = record(|| logger.with_cliente(1).with("pago_id", 2).with_cliente(3).warning("Sin saldo"));
    assert_eq!(record["context"], serde_json::json!({"cliente_id": 1, "pago_id": 2}));
}
