//! The process: how it starts, what it says, how it ends.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::service::{Exit, ServiceProcess, free_port, run, run_in, run_into, until, url_of};
use super::socket::{get, post};
use crate::support::http::{CLIENTES, PAGOS};
use crate::support::{Fixture, on_both_engines};

pub(super) const SQLITE: &[(&str, &str)] = &[("DATABASE_URL", "sqlite://pagos.db?mode=rwc")];
const PAGO: &str = r#"{"cliente_id":1,"monto":"1"}"#;

on_both_engines!(
    empty:
    a_new_database_is_ready_in_time_and_the_service_stops_when_told,
    the_schema_is_migrated_by_command_and_told,
    clientes_are_seeded_once,
    without_migrations_the_service_refuses_to_start,
);

async fn a_new_database_is_ready_in_time_and_the_service_stops_when_told(fixture: Fixture) {
    let begun = Instant::now();
    let service = ServiceProcess::over(&fixture).await;
    assert_eq!(service.status("/health/ready").await, 200);
    assert_within(begun, 5);
    // A connection that idles after its answer does not hold the service up.
    let mut idle = service.connect().await;
    assert_eq!(idle.ask(post(CLIENTES, r#"{"nombre":"Ana","email":"ana@x.cl"}"#)).await.status, 200);
    let begun = Instant::now();
    let exit = service.stop();
    assert_within(begun, 5);
    assert_eq!(exit.status, Some(0));
    assert_begins_and_ends_as_it_should(&exit);
}

#[track_caller]
fn assert_within(begun: Instant, seconds: u64) {
    assert!(begun.elapsed() < Duration::from_secs(seconds), "{:?}", begun.elapsed());
}

/// The records of the process itself, which belong to no request.
#[track_caller]
fn assert_begins_and_ends_as_it_should(exit: &Exit) {
    let mut records = exit.records();
    records.retain(|record| record["correlation_id"].as_str().unwrap().starts_with("proc-"));
    let told: Vec<_> =
        records.iter().map(|record| [record["level"].as_str().unwrap(), record["message"].as_str().unwrap()]).collect();
    let alone = "Sin autenticación: el servicio escucha solo en direcciones de loopback";
    assert_eq!(told, [["WARNING", alone], ["INFO", "Servicio iniciado"], ["INFO", "Servicio detenido"]]);
}

async fn the_schema_is_migrated_by_command_and_told(fixture: Fixture) {
    let url = url_of(&fixture).await;
    let variables = [("DATABASE_URL", url.as_str())];
    let told = |arguments: &[&str]| {
        let exit = run(arguments, &variables);
        assert_eq!(exit.stderr, "");
        (exit.status, exit.stdout)
    };
    let pending = "0001 pending clientes y pagos\n0002 pending idempotencia\n0003 pending lugar para saldos\n".to_owned();
    let applied = pending.replace("pending", "applied");
    assert_eq!(told(&["migrate", "status"]), (Some(1), pending));
    assert_eq!(told(&["migrate", "up"]), (Some(0), applied.clone()));
    assert_eq!(told(&["migrate", "up"]), (Some(0), applied.clone()));
    assert_eq!(told(&["migrate", "status"]), (Some(0), applied));
}

async fn clientes_are_seeded_once(fixture: Fixture) {
    let url = url_of(&fixture).await;
    let variables = [("DATABASE_URL", url.as_str())];
    let told = |arguments: &[&str]| (run(arguments, &variables).status, run(arguments, &variables).stdout);
    assert_eq!(told(&["seed", "--clientes", "3", "--saldo", "5.5"]), (Some(0), "0 clientes registered, 3 were there\n".into()));
    let service = ServiceProcess::over(&fixture).await;
    let listed = service.connect().await.ask(get(CLIENTES)).await.json();
    assert_eq!(listed["data"].as_array().unwrap().len(), 3);
    assert_eq!(listed["data"][2]["saldo"], "5.50");
    for wrong in [["--clientes", "0"], ["--clientes", "-1"], ["--saldo", "1e2"], ["--saldo", "-1"]] {
        assert_eq!(run(&["seed", wrong[0], wrong[1]], &variables).status, Some(2), "{wrong:?}");
    }
}

async fn without_migrations_the_service_refuses_to_start(fixture: Fixture) {
    let url = url_of(&fixture).await;
    let exit = run(&[], &[("PORT", "0"), ("DATABASE_URL", &url), ("MIGRATE_ON_START", "false")]);
    assert_eq!(exit.status, Some(1));
    let record = one_error(&exit);
    assert_eq!(record["message"], "El servicio no pudo iniciar");
    assert!(record["error"]["message"].as_str().unwrap().contains("migrate up"), "{record:#}");
    assert_eq!(run(&["migrate", "up"], &[("DATABASE_URL", &url)]).status, Some(0));
    let service = ServiceProcess::start(&[("DATABASE_URL", &url), ("MIGRATE_ON_START", "false")]).await;
    assert_eq!(service.status("/health/ready").await, 200);
}

/// The only record at ERROR; a failure to start says nothing else but its warnings.
#[track_caller]
fn one_error(exit: &Exit) -> Value {
    let mut errors = exit.records();
    errors.retain(|record| record["level"] == "ERROR");
    assert_eq!(errors.len(), 1, "{}", exit.stdout);
    errors.remove(0)
}

const BAD_SETTINGS: &[(&str, &str)] = &[
    ("PORT", "abc"),
    ("HOST", "0.0.0.0"),
    ("DATABASE_URL", "mysql://usuario:secreto@h/d"),
    ("LOG_LEVEL", "gritando"),
    ("ALLOWED_HOSTS", "[x"),
];

#[test]
fn bad_settings_are_all_told_at_once_and_none_is_shown() {
    let begun = Instant::now();
    let exit = run(&[], BAD_SETTINGS);
    assert_within(begun, 5);
    assert_eq!(exit.status, Some(2));
    assert_eq!(exit.records().len(), 1, "{}", exit.stdout);
    let problems = &one_error(&exit)["context"]["problems"];
    for (variable, _) in BAD_SETTINGS {
        let told = problems.as_array().unwrap().iter().filter(|problem| problem.as_str().unwrap().starts_with(variable));
        assert_eq!(told.count(), 1, "{variable} in {problems:#}");
    }
    for value in ["secreto", "mysql", "abc", "0.0.0.0", "gritando", "[x"] {
        assert!(!exit.stdout.contains(value), "{value} in {}", exit.stdout);
    }
}

#[test]
fn production_needs_a_database_of_its_own() {
    let exit = run(&[], &[("APP_ENV", "production"), ("PORT", "abc")]);
    assert_eq!(exit.status, Some(2));
    let problems = one_error(&exit)["context"]["problems"].to_string();
    assert!(problems.contains("DATABASE_URL: ") && problems.contains("PORT: "), "{problems}");
}

#[test]
fn an_address_in_use_ends_the_process_with_one_error() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let exit = run(&[], &[SQLITE[0], ("PORT", &port)]);
    let record = one_error(&exit);
    assert_eq!((exit.status, &record["message"]), (Some(1), &"El servicio no pudo iniciar".into()));
    let cause = record["error"]["message"].as_str().unwrap();
    assert!(cause.contains(&format!("127.0.0.1:{port}: ")) && cause.matches("os error").count() == 1, "{cause}");
}

const THAT_PRINT: &[&[&str]] = &[
    &["--help"],
    &["--version"],
    &["help", "config"],
    &["config", "--help"],
    &["openapi"],
    &["errors"],
    &["config", "describe"],
    &["config", "env-example"],
    &["config", "check"],
    &["migrate", "up"],
    &["migrate", "status"],
    &["seed"],
    &["verify-ledger"],
];

#[test]
fn output_that_cannot_be_written_ends_a_command_with_status_1() {
    let directory = tempfile::tempdir().unwrap();
    for arguments in THAT_PRINT {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let (status, told) = run_into(full, directory.path(), arguments);
        assert_eq!((status, told.matches("os error 28").count()), (Some(1), 1), "{arguments:?}: {told}");
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        assert_eq!(run_into(writer, directory.path(), arguments), (Some(1), String::new()), "{arguments:?}");
    }
}

#[test]
fn an_env_file_that_is_none_is_named_and_no_value_shown() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join(".env")).unwrap();
    let exit = run_in(directory.path(), &["config", "check"], &[]);
    assert_eq!((exit.status, exit.stderr.as_str()), (Some(2), ".env: es un directorio\n"));
    std::fs::remove_dir(directory.path().join(".env")).unwrap();
    std::fs::write(directory.path().join(".env"), "PORT=8123\nDATABASE_URL='s3cr3t\n").unwrap();
    let exit = run_in(directory.path(), &["config", "check"], &[]);
    assert_eq!((exit.status, exit.stderr.as_str()), (Some(2), "DATABASE_URL: la línea 2 de .env no cierra su comilla\n"));
}

#[test]
fn a_database_that_cannot_be_opened_ends_the_process_with_one_error() {
    for url in ["sqlite:///no/such/directory/pagos.db?mode=rwc", "sqlite://nada.db"] {
        let exit = run(&[], &[("DATABASE_URL", url), ("PORT", "0")]);
        assert_eq!((exit.status, &one_error(&exit)["message"]), (Some(1), &"El servicio no pudo iniciar".into()));
        assert!(!exit.stdout.contains("/no/such"), "{}", exit.stdout);
    }
}

#[tokio::test]
async fn without_its_database_the_service_lives_and_is_not_ready() {
    let url = format!("postgres://nadie:secreto@127.0.0.1:{}/nada", free_port());
    let service = ServiceProcess::start(&[("DATABASE_URL", &url)]).await;
    assert_eq!(service.status("/health/live").await, 200);
    let begun = Instant::now();
    for request in [get("/health/ready"), post(PAGOS, PAGO), get(PAGOS), get("/api/v1/clientes/1")] {
        let answer = service.connect().await.ask(&request).await;
        answer.assert_refused(503, "SERVICE_UNAVAILABLE");
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
    assert_within(begun, 5);
    let exit = service.stop();
    assert_eq!(exit.status, Some(0));
    assert!(!exit.records().is_empty() && !exit.stdout.contains("secreto"), "{}", exit.stdout);
}

#[tokio::test]
async fn the_correlation_id_does_not_depend_on_the_log_level() {
    for level in ["off", "warn", "error"] {
        let service = ServiceProcess::start_silent(&[("LOG_LEVEL", level)]).await;
        let asked = "GET /nope HTTP/1.1\r\nHost: x\r\nX-Correlation-ID: abc-123\r\n\r\n";
        let answer = service.connect().await.ask(asked).await;
        assert_eq!(answer.header("x-correlation-id"), Some("abc-123"));
        let exit = service.stop();
        assert_eq!(exit.status, Some(0));
        let of_request = exit.records().iter().filter(|record| record["correlation_id"] == "abc-123").count();
        assert_eq!(of_request, usize::from(level == "warn"), "{}", exit.stdout);
        assert!(exit.records().iter().all(|record| record["level"] != "INFO"), "{}", exit.stdout);
    }
}

#[tokio::test]
async fn a_request_in_flight_is_finished_and_the_service_unready_meanwhile() {
    let service = ServiceProcess::on_sqlite(&[]).await;
    let mut slow = service.connect().await;
    let request = post(CLIENTES, r#"{"nombre":"Ana","email":"ana@x.cl"}"#);
    let (first, last) = request.split_at(request.len() - 1);
    slow.write(first).await;
    // The service has the head when a later connection is answered.
    assert_eq!(service.status("/health/ready").await, 200);
    tokio::time::sleep(Duration::from_millis(200)).await;
    service.signal("TERM");
    until(async || service.connect().await.ask(get("/health/ready")).await.status == 503).await;
    let answer = slow.ask(last).await;
    assert_eq!((answer.status, &answer.json()["success"]), (200, &json!(true)));
    assert_eq!(service.end().status, Some(0));
}

#[tokio::test]
async fn whatever_clients_do_the_service_ends_within_its_grace() {
    let service = ServiceProcess::on_sqlite(&[("SHUTDOWN_GRACE_MS", "1000")]).await;
    let mut stuck = service.connect().await;
    stuck
        .write(format!("POST {PAGOS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{{"))
        .await;
    let mut halting = service.connect().await;
    halting.write("GET /health/li").await;
    assert_eq!(service.status("/health/ready").await, 200);
    let begun = Instant::now();
    let exit = service.stop();
    assert_eq!(exit.status, Some(0));
    assert_within(begun, 4);
    assert!(exit.records().iter().any(|record| record["message"] == "Servicio detenido"));
}

#[tokio::test]
async fn an_interrupt_stops_the_service_too() {
    let service = ServiceProcess::on_sqlite(&[]).await;
    service.signal("INT");
    let exit = service.end();
    assert_eq!(exit.status, Some(0));
    assert!(!exit.records().is_empty());
}

#[tokio::test]
async fn a_healthcheck_tells_whether_the_service_is_ready() {
    let service = ServiceProcess::on_sqlite(&[]).await;
    let address = service.address.to_string();
    let exit = run(&["healthcheck", "--address", &address], &[]);
    assert_eq!((exit.status, exit.stdout.as_str()), (Some(0), "ready\n"));
    let port = service.address.port().to_string();
    assert_eq!(run(&["healthcheck"], &[("PORT", &port)]).status, Some(0));
    assert_eq!(service.stop().status, Some(0));
    let exit = run(&["healthcheck", "--address", &address], &[]);
    assert_eq!((exit.status, exit.stdout.as_str()), (Some(1), ""));
    assert!(!exit.stderr.is_empty());
    let url = format!("postgres://nadie@127.0.0.1:{}/nada", free_port());
    let unready = ServiceProcess::start(&[("DATABASE_URL", &url)]).await;
    assert_eq!(run(&["healthcheck", "--address", &unready.address.to_string()], &[]).status, Some(1));
}

#[test]
fn the_document_is_printed_without_a_database() {
    let exit = run(&["openapi"], &[("API_V1_STR", "/v9"), ("PROJECT_NAME", "Pagos de prueba")]);
    assert_eq!((exit.status, exit.stderr.as_str()), (Some(0), ""));
    let document: Value = serde_json::from_str(&exit.stdout).unwrap();
    assert_eq!((&document["openapi"], &document["info"]["title"]), (&json!("3.1.0"), &json!("Pagos de prueba")));
    assert_eq!(document["paths"]["/v9/pagos"]["post"]["operationId"], "procesar_pago");
}

#[tokio::test]
async fn the_document_served_is_the_one_printed() {
    let service = ServiceProcess::on_sqlite(&[]).await;
    let served = service.connect().await.ask(get("/api/v1/openapi.json")).await;
    let mut printed: Value = serde_json::from_str(&run(&["openapi"], &[]).stdout).unwrap();
    // Where it is served says where its paths begin.
    printed["servers"] = json!([{"url": "../.."}]);
    assert_eq!((served.status, served.json()), (200, printed));
}

#[test]
fn the_catalogue_is_printed_as_a_table() {
    let exit = run(&["errors"], &[]);
    assert_eq!((exit.status, exit.stderr.as_str()), (Some(0), ""));
    for code in [
        "| 400 | `CLIENTE_NO_ENCONTRADO` |",
        "| 404 | `CLIENTE_NO_ENCONTRADO` |",
        "| 404 | `PAGO_NO_ENCONTRADO` |",
        "| 400 | `SALDO_INSUFICIENTE` |",
        "| 400 | `MONEDA_NO_COINCIDE` |",
        "| 400 | `SALDO_EXCEDIDO` |",
        "| 400 | `EMAIL_DUPLICADO` |",
        "| 400 | `CLIENTE_CON_PAGOS` |",
        "| 422 | `VALIDATION_ERROR` |",
        "| 500 | `INTERNAL_ERROR` |",
        "| 503 | `SERVICE_UNAVAILABLE` |",
    ] {
        assert_eq!(exit.stdout.matches(code).count(), 1, "{code} in {}", exit.stdout);
    }
}

#[test]
fn settings_are_checked_and_secrets_covered() {
    let good = run(&["config", "check"], &[("PORT", "8001"), ("DATABASE_URL", "postgres://u:secreto@h/d")]);
    assert_eq!((good.status, good.stderr.as_str()), (Some(0), ""));
    assert!(good.stdout.contains("8001") && !good.stdout.contains("secreto"), "{}", good.stdout);
    let bad = run(&["config", "check"], &[("PORT", "abc"), ("HOST", "0.0.0.0"), ("DATABASE_URL", "mysql://u:secreto@h/d")]);
    assert_eq!(bad.status, Some(2));
    for variable in ["PORT: ", "HOST: ", "DATABASE_URL: "] {
        assert!(bad.stderr.contains(variable), "{}", bad.stderr);
    }
    assert!(!format!("{}{}", bad.stdout, bad.stderr).contains("secreto"));
}

#[test]
fn every_variable_is_described_and_the_example_is_a_valid_env_file() {
    let described = run(&["config", "describe"], &[]);
    let example = run(&["config", "env-example"], &[]);
    assert_eq!((described.status, example.status), (Some(0), Some(0)));
    for variable in
        ["APP_ENV", "HOST", "PORT", "API_V1_STR", "DATABASE_URL", "MIGRATE_ON_START", "LOG_LEVEL", "REQUEST_TIMEOUT_MS"]
    {
        assert!(described.stdout.contains(&format!("| `{variable}` |")), "{}", described.stdout);
        assert!(example.stdout.contains(&format!("\n# {variable}=")), "{}", example.stdout);
    }
    let directory = tempfile::tempdir().unwrap();
    let uncommented = example.stdout.replace("\n# PORT=8000", "\nPORT=8123");
    std::fs::write(directory.path().join(".env"), uncommented).unwrap();
    let check = run_in(directory.path(), &["config", "check"], &[]);
    assert_eq!((check.status, check.stderr.as_str()), (Some(0), ""));
    assert!(check.stdout.contains("8123"), "{}", check.stdout);
}

#[test]
fn an_unknown_command_is_refused() {
    for arguments in [["pagar"], ["--nada"]] {
        let exit = run(&arguments, &[]);
        assert_eq!((exit.status, exit.stdout.as_str()), (Some(2), ""));
    }
    let exit = run(&["--version"], &[]);
    assert_eq!((exit.status, exit.stdout.as_str()), (Some(0), "reference-pago-service 0.1.0\n"));
}

const COMMANDS: [&str; 12] = [
    "serve",
    "config",
    "healthcheck",
    "token",
    "openapi",
    "errors",
    "doctor",
    "migrate",
    "verify-ledger",
    "metrics",
    "seed",
    "help",
];

#[test]
fn the_help_names_every_command() {
    let exit = run(&["--help"], &[]);
    assert_eq!((exit.status, exit.stderr.as_str()), (Some(0), ""));
    let about =
        "The payment API: clientes, recargas and pagos over HTTP\n\nUsage: reference-pago-service [COMMAND]\n\nCommands:\n";
    let listed = exit.stdout.strip_prefix(about).unwrap_or_else(|| panic!("{}", exit.stdout));
    let names: Vec<_> =
        listed.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names, COMMANDS);
}
