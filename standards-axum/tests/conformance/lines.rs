//! Switches of the log: a process between the good service and standard output, that spoils its lines.

use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};

use serde_json::{Value, json};

/// Whether a switch is one of these.
pub(crate) fn concerns(switch: &str) -> bool {
    switch.starts_with("LOG-") && switch != "LOG-13"
}

/// Prints a record by hand.
pub(crate) fn tell(level: &str, message: &str) {
    println!("{}", record(level, message, "proc-1"));
}

/// Prints a record at INFO under an id.
pub(crate) fn tell_of(id: &str) {
    println!("{}", record("INFO", "Sonda", id));
}

/// Prints the access record of a request.
pub(crate) fn tell_request(fault: &str, id: &str, path: &str, status: u16) {
    let is_quiet = status < 400 || (fault == "quiet-refusals" && status == 422);
    let mut record = record(if is_quiet { "INFO" } else { "WARNING" }, "Solicitud atendida", id);
    if fault == "local-time" {
        record["@timestamp"] = json!(record["@timestamp"].as_str().unwrap().replace('Z', "-03:00"));
    }
    record["endpoint"] = json!(path);
    record["method"] = json!("atender");
    record["context"] = json!({"status": status, "duration_ms": 1});
    println!("{record}");
}

fn record(level: &str, message: &str, id: &str) -> Value {
    let now = standards_axum::core::Timestamp::now().to_string();
    let (name, version) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    json!({"@timestamp": now, "level": level, "artifact": name, "version": version, "correlation_id": id, "message": message})
}

/// Starts the good service, and hands on what it writes. SIGTERM is for the service: this process ends when it has.
pub(crate) fn stand_between(switch: &str) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let _term = runtime.block_on(async { tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).unwrap() });
    let mut service = Command::new(std::env::current_exe().unwrap());
    service.env("SABOTAGE_INNER", "1").stdout(Stdio::piped());
    if switch == "LOG-17" {
        service.env("LOG_LEVEL", "INFO");
    }
    let mut service = service.spawn().unwrap();
    if switch == "LOG-01" {
        println!("arrancando...");
    }
    for line in BufReader::new(service.stdout.take().unwrap()).lines() {
        for line in spoiled(switch, line.unwrap()) {
            println!("{line}");
        }
    }
    let status = service.wait().unwrap();
    ExitCode::from(u8::try_from(status.code().unwrap_or(1)).unwrap())
}

/// The line or lines that are written instead.
fn spoiled(switch: &str, line: String) -> Vec<String> {
    let Ok(mut record) = serde_json::from_str::<Value>(&line) else { return vec![line] };
    let mut more = Vec::new();
    form(switch, &mut record, &mut more);
    events(switch, &mut record, &mut more);
    if switch == "LOG-08" && record["message"] == "Iniciando procesamiento de pago" {
        return more;
    }
    more.insert(0, record.to_string());
    more
}

fn form(switch: &str, record: &mut Value, more: &mut Vec<String>) {
    let starting = record["message"] == "Servicio iniciado";
    match switch {
        "LOG-02" if starting => drop(record.as_object_mut().unwrap().remove("message")),
        "LOG-03" => record["@timestamp"] = json!(record["@timestamp"].as_str().unwrap().replace('Z', "+00:00")),
        "LOG-04" => record["@timestamp"] = json!(record["@timestamp"].as_str().unwrap().replace('Z', "123Z")),
        "LOG-05" if starting => record["level"] = json!("NOTICE"),
        "LOG-06" => record["version"] = json!("unknown"),
        "LOG-07" if starting => record["correlation_id"] = Value::Null,
        "LOG-14" if record["context"]["monto"].is_string() => record["context"]["monto"] = json!(100.5),
        "LOG-15" if record["endpoint"].is_string() => {
            record["endpoint"] = json!(format!("{}?x=1", record["endpoint"].as_str().unwrap()));
        }
        "LOG-18" if starting => {
            let mut forged = record.clone();
            forged["forjado"] = json!("chk");
            more.push(forged.to_string());
        }
        "LOG-19" if starting => record["message"] = json!("x".repeat(40_000)),
        _ => {}
    }
}

fn events(switch: &str, record: &mut Value, more: &mut Vec<String>) {
    let status = record["context"]["status"].as_u64();
    let context = |record: &mut Value, name: &str| drop(record["context"].as_object_mut().unwrap().remove(name));
    match (switch, status) {
        ("LOG-09", Some(400)) => context(record, "error_code"),
        ("LOG-10", Some(400)) => {
            let mut louder = record.clone();
            louder["level"] = json!("ERROR");
            context(&mut louder, "duration_ms");
            more.push(louder.to_string());
        }
        ("LOG-11", Some(422)) => record["level"] = json!("INFO"),
        ("LOG-12", Some(500)) => {
            record.as_object_mut().unwrap().remove("traceback");
            drop(record["error"].as_object_mut().unwrap().remove("traceback"));
        }
        ("LOG-16", Some(200)) => context(record, "duration_ms"),
        _ => {}
    }
}
