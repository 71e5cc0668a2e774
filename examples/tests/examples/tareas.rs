//! The whole second rung, as it runs.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::{Process, run};

const TAREAS: &str = env!("CARGO_BIN_EXE_tareas");
const API: &str = "/api/v1/tareas";

/// A file of tareas in a directory of its own.
fn file(directory: &TempDir) -> [(&'static str, String); 1] {
    [("TAREAS_ARCHIVO", directory.path().join("tareas.json").display().to_string())]
}

fn asked(arguments: &[&str], variables: &[(&str, String)]) -> (Option<i32>, String, String) {
    run(TAREAS, arguments, variables)
}

#[test]
fn what_was_created_is_there_after_the_next_start() {
    let directory = tempfile::tempdir().unwrap();
    let variables = file(&directory);
    let tareas = Process::start(TAREAS, &variables);
    let created = tareas.post(API, "application/json", r#"{"titulo":"Leer la guía"}"#);
    assert_eq!((created.status, created.body.as_str()), (200, r#"{"success":true,"data":1,"errors":[]}"#));
    assert_eq!(tareas.post(API, "application/json", r#"{"titulo":""}"#).status, 422);
    let (status, records, errors) = tareas.stop();
    assert_eq!((status, errors.as_str()), (Some(0), ""));
    assert!(records.iter().any(|record| record["message"] == "Tareas guardadas"), "{records:#?}");
    assert_eq!(asked(&["contar"], &variables), (Some(0), "1\n".to_owned(), String::new()));
    let tareas = Process::start(TAREAS, &variables);
    assert!(tareas.get(API).body.contains("Leer la guía"));
}

#[test]
fn it_is_ready_while_its_file_can_be_written() {
    let directory = tempfile::tempdir().unwrap();
    let variables = file(&directory);
    let tareas = Process::start(TAREAS, &variables);
    assert_eq!(tareas.get("/health/ready").status, 200);
    let address = tareas.address.clone();
    let check = || asked(&["healthcheck", "--address", &address], &variables);
    assert_eq!(check(), (Some(0), "ready\n".to_owned(), String::new()));
    drop(directory);
    // What readiness has asked stands for a second.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    assert_eq!(check(), (Some(1), String::new(), format!("error: {address}: not ready\n")));
}

#[test]
fn a_start_that_fails_is_one_record_with_its_cause_and_its_line() {
    let directory = tempfile::tempdir().unwrap();
    let variables = file(&directory);
    std::fs::write(&variables[0].1, "no es JSON").unwrap();
    let traced = [&variables[..], &[("RUST_BACKTRACE", "1".to_owned())]].concat();
    let (status, log, errors) = asked(&[], &traced);
    let record: Value = serde_json::from_str(&log).expect("one record");
    assert_eq!((status, errors.as_str(), &record["message"]), (Some(1), "", &json!("El servicio no pudo iniciar")));
    assert_eq!(record["error"]["type"], "std::io::error::Error");
    let traceback = record["traceback"].as_str().unwrap();
    assert!(traceback.starts_with("examples/tareas.rs:") && !traceback.contains('\n'), "{record:#}");
}

#[test]
fn settings_that_are_not_valid_are_all_told() {
    let bad = [("PORT", "x".to_owned()), ("TAREAS_MAXIMO", "0".to_owned())];
    let told = "PORT: debe ser un entero de 0 a 65535\nTAREAS_MAXIMO: debe ser un entero mayor que cero\n";
    let (status, log, _) = asked(&["serve"], &bad);
    let record: Value = serde_json::from_str(&log).expect("one record");
    assert_eq!((status, record["context"]["problems"].as_array().unwrap().len()), (Some(2), 2));
    for command in [&["config", "check"][..], &["contar"]] {
        let (status, _, errors) = asked(command, &bad);
        assert_eq!((status, errors.as_str()), (Some(2), told), "{command:?}");
    }
}

#[test]
fn what_describes_the_service_needs_no_settings() {
    let bad = [("TAREAS_MAXIMO", "0".to_owned())];
    for (command, part) in [
        (&["openapi"][..], "\"operationId\": \"crear_tarea\""),
        (&["errors"], "| 409 | `DEMASIADAS_TAREAS` | Ya hay {maximo} tareas |"),
        (&["config", "describe"], "| `TAREAS_MAXIMO` | `100` | Tareas at most. |"),
        (&["config", "env-example"], "\n# TAREAS_ARCHIVO=tareas.json\n"),
        (&["--help"], "Count the tareas of the file"),
    ] {
        let (status, printed, errors) = asked(command, &bad);
        assert_eq!((status, errors.as_str()), (Some(0), ""), "{command:?}");
        assert!(printed.contains(part), "{command:?}: {printed}");
    }
}

#[test]
fn its_manifest_names_no_other_crate_of_the_standard() {
    let manifest = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    assert!(!manifest.contains("standards-core"), "the macros of the standard need standards-axum alone");
}
