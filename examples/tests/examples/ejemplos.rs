//! Every example does what its header says: its commands are run as they stand there, and its records are looked for in its log.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::header::{self, Header};
use crate::process::{Process, run};

const EJEMPLOS: &str = env!("CARGO_BIN_EXE_ejemplos");

fn free_port() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string()
}

/// One of the small examples.
#[track_caller]
fn assert_serves(name: &str, variables: &[(&str, &str)], token: &str) {
    header::assert_serves(&format!("ejemplos/{name}.rs"), (EJEMPLOS, &[name]), variables, token);
}

#[test]
fn a_whole_service() {
    header::assert_serves("saludos.rs", (env!("CARGO_BIN_EXE_saludos"), &[]), &[], "");
}

#[test]
fn settings_state_and_an_end_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("tareas.json").display().to_string();
    header::assert_serves("tareas.rs", (env!("CARGO_BIN_EXE_tareas"), &[]), &[("TAREAS_ARCHIVO", &file)], "");
}

#[test]
fn a_database_of_its_own_and_keys() {
    let directory = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}", directory.path().join("inventario.db").display());
    header::assert_serves("inventario/main.rs", (env!("CARGO_BIN_EXE_inventario"), &[]), &[("DATABASE_URL", &database)], "");
}

#[test]
fn what_takes_longer_than_a_client_waits() {
    header::assert_serves("larga.rs", (env!("CARGO_BIN_EXE_larga"), &[]), &[("SHUTDOWN_GRACE_MS", "100")], "");
}

#[test]
fn another_service_is_left_alone() {
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let variables = [("CLIENTES_URL", nobody.as_str()), ("ADMIN_ADDR", "127.0.0.1:0")];
    header::assert_serves("cortacircuitos.rs", (env!("CARGO_BIN_EXE_cortacircuitos"), &[]), &variables, "");
}

/// A process that keeps no log, ended with the test.
struct Silent(Child);

impl Drop for Silent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits ten seconds at most.
fn listens(address: &str) -> bool {
    (0..500).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        TcpStream::connect(address).is_ok()
    })
}

#[test]
fn a_limit_around_any_axum_service() {
    let (port, limits) = (free_port(), env!("CARGO_BIN_EXE_limites"));
    // Six requests may take a second here, and not only half of one.
    let process = Command::new(limits).envs([("PORT", port.as_str()), ("RATE_LIMIT", "1/5")]).stdout(Stdio::null()).spawn();
    let _limits = Silent(process.unwrap());
    let address = format!("127.0.0.1:{port}");
    assert!(listens(&address));
    Header::read("limites.rs").assert_commands(&address, "");
}

#[test]
fn a_catalogue_in_two_languages() {
    assert_serves("catalogo", &[], "");
}

#[test]
fn one_id_across_tasks_and_calls() {
    // It calls itself, so its port is known before it starts.
    let free = free_port();
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
    let log: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    Header::read("ejemplos/trabajador.rs").assert_records(&log);
}

#[test]
fn one_id_stands_in_the_logs_of_two_services() {
    let Some(program) = pago_service() else { return };
    let directory = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}?mode=rwc", directory.path().join("pagos.db").display());
    let pagos = Process::start(program.to_str().unwrap(), &[("DATABASE_URL", database)]);
    let ana = r#"{"nombre": "Ana Rojas", "email": "ana@example.com", "saldo": "1000.00"}"#;
    assert_eq!(pagos.post("/api/v1/clientes", "application/json", ana).status, 200);
    let header = Header::read("ejemplos/boletas.rs");
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

/// The files of a folder of examples, but for those that only put them together.
fn files(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
    let names = entries.map(|entry| format!("{folder}{}", entry.unwrap().file_name().display()));
    names.filter(|name| name.ends_with(".rs") && !["ejemplos/main.rs", "guides.rs"].contains(&name.as_str())).collect()
}

fn examples() -> Vec<String> {
    [files(""), files("ejemplos/"), vec!["inventario/main.rs".to_owned()]].concat()
}

#[test]
fn every_example_is_in_the_table() {
    let table = include_str!("../../README.md");
    let missing: Vec<_> = examples().into_iter().filter(|file| !table.contains(&format!("({file})"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_header_has_its_command_and_what_that_shows() {
    let is_bare = |file: &String| {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
        let mut header = text.lines().take_while(|line| line.starts_with("//!"));
        !header.any(|line| line.contains("cargo run") || line.contains("cargo test")) || !Header::read(file).shows_output()
    };
    let bare: Vec<_> = examples().into_iter().filter(is_bare).collect();
    assert!(bare.is_empty(), "{bare:?}");
}
