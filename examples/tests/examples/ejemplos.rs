//! Every small example does what its header says: its commands are run as they stand there, and its records are looked for in its log.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::process::{Process, run};

const EJEMPLOS: &str = env!("CARGO_BIN_EXE_ejemplos");

/// What the header of an example promises.
struct Header {
    /// Commands with what they print.
    commands: Vec<(String, String)>,
    /// Records of which each must be in the log, all that it tells.
    records: Vec<Value>,
}

impl Header {
    fn read(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("ejemplos").join(name).with_extension("rs");
        let text = fs::read_to_string(path).unwrap();
        let lines = text.lines().map_while(|line| line.strip_prefix("//!")).map(|line| line.strip_prefix(' ').unwrap_or(line));
        let (mut header, mut within) = (Self { commands: Vec::new(), records: Vec::new() }, "");
        for line in lines {
            match (line.strip_prefix("```"), within) {
                (Some(language), _) => within = language,
                (None, "console") => header.console(line),
                (None, "json") => header.records.push(serde_json::from_str(line).unwrap()),
                _ => {}
            }
        }
        header
    }

    fn console(&mut self, line: &str) {
        match (line.strip_prefix("$ "), self.commands.last_mut()) {
            (Some(command), _) => self.commands.push((command.to_owned(), String::new())),
            (None, Some((_, printed))) => *printed += &format!("{line}\n"),
            (None, None) => panic!("{line}: printed by no command"),
        }
    }

    /// Runs each command against the service at this address.
    #[track_caller]
    fn assert_commands(&self, address: &str, token: &str) {
        assert!(!self.commands.is_empty());
        for (command, expected) in &self.commands {
            let located = command.replace("127.0.0.1:8000", address).replace("127.0.0.1:8001", address);
            let output = Command::new("sh").args(["-c", &located]).env("TOKEN", token).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap().trim_end(), expected.trim_end(), "{command}");
        }
    }

    #[track_caller]
    fn assert_records(&self, log: &[Value]) {
        assert!(!self.records.is_empty());
        for record in &self.records {
            assert!(log.iter().any(|found| holds(found, record)), "{record} is not in {log:#?}");
        }
    }
}

/// Whether everything of `part` is in `whole`.
fn holds(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(name, part)| whole.get(name).is_some_and(|whole| holds(whole, part)))
        }
        _ => whole == part,
    }
}

/// The service of an example does as its header says, and stops when it is told to.
#[track_caller]
fn assert_serves(name: &str, variables: &[(&str, &str)], token: &str) {
    let header = Header::read(name);
    let service = Process::start_with(EJEMPLOS, &[name], variables);
    header.assert_commands(&service.address, token);
    let (_, log, errors) = service.stop();
    assert_eq!(errors, "");
    header.assert_records(&log);
}

#[test]
fn a_catalogue_in_two_languages() {
    assert_serves("catalogo", &[], "");
}

#[test]
fn one_id_across_tasks_and_calls() {
    // It calls itself, so its port is known before it starts.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let url = format!("http://127.0.0.1:{free}");
    assert_serves("correlacion", &[("PORT", &free), ("TARIFAS_URL", &url)], "");
}

#[test]
fn scopes_are_enforced() {
    let keys = [("SECRET_KEY", "una-clave-de-ejemplo-de-32-bytes-o-mas"), ("JWT_ISSUER", "ejemplos"), ("JWT_AUDIENCE", "notas")];
    let (status, token, errors) = run(EJEMPLOS, &["token", "--sub", "ana", "--scope", "notas:leer"], &keys);
    assert_eq!((status, errors.as_str()), (Some(0), ""));
    assert_serves("acceso", &keys, token.trim());
}

#[test]
fn a_service_that_is_there_is_taken_in() {
    assert_serves("adopcion", &[], "");
}

#[test]
fn a_worker_tells_each_message_under_its_id() {
    let (status, log, errors) = run(EJEMPLOS, &["trabajador"], &[("", ""); 0]);
    assert_eq!((status, errors.as_str()), (Some(0), ""));
    let log: Vec<_> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    Header::read("trabajador").assert_records(&log);
}

#[test]
fn one_id_stands_in_the_logs_of_two_services() {
    let Some(program) = pago_service() else { return };
    let directory = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}?mode=rwc", directory.path().join("pagos.db").display());
    let pagos = Process::start(program.to_str().unwrap(), &[("DATABASE_URL", database)]);
    let ana = r#"{"nombre": "Ana Rojas", "email": "ana@example.com", "saldo": "1000.00"}"#;
    assert_eq!(pagos.post("/api/v1/clientes", "application/json", ana).status, 200);
    let header = Header::read("boletas");
    let boletas = Process::start_with(EJEMPLOS, &["boletas"], &[("PAGOS_URL", &format!("http://{}", pagos.address))]);
    header.assert_commands(&boletas.address, "");
    let log = [boletas.stop().1, pagos.stop().1].concat();
    header.assert_records(&log);
}

/// The payment service beside the examples, where `cargo test --workspace` has built it.
#[expect(clippy::print_stdout, reason = "a test says what it left out")]
fn pago_service() -> Option<PathBuf> {
    let program = Path::new(EJEMPLOS).with_file_name("reference-pago-service");
    if !program.is_file() {
        assert!(std::env::var_os("CI").is_none(), "{} was not built", program.display());
        println!("skipped: no {}", program.display());
        return None;
    }
    Some(program)
}

#[test]
fn the_tests_that_a_header_lists_are_those_of_its_file() {
    let source = include_str!("../../ejemplos/pruebas.rs");
    let told: Vec<_> =
        source.lines().filter_map(|line| line.strip_prefix("//! test pruebas::")?.strip_suffix(" ... ok")).collect();
    let tests: Vec<_> = source.lines().filter_map(|line| line.strip_prefix("async fn ")?.strip_suffix("() {")).collect();
    assert!(!tests.is_empty());
    assert_eq!(told, tests);
}

#[test]
fn every_example_is_in_the_table() {
    let table = include_str!("../../README.md");
    let files = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("ejemplos")).unwrap();
    let names = files.map(|entry| entry.unwrap().file_name().into_string().unwrap()).filter(|name| name != "main.rs");
    let missing: Vec<_> = names.filter(|name| !table.contains(&format!("(ejemplos/{name})"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
