//! The command `doctor` as an operator and a script run it.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use serde_json::Value;

use super::service::{Exit, run, run_in, url_of};
use crate::support::{Fixture, on_both_engines, on_postgres_made};

on_both_engines!(
    empty: a_database_that_is_as_it_should_be_passes,
    a_script_reads_an_object_for_each_check,
    no_secret_is_shown,
    what_is_pending_fails_where_the_start_does_not_apply_it,
);

const CHECKS: [&str; 13] = [
    "configuración",
    "dirección",
    "administración",
    "base de datos",
    "servidores",
    "migraciones",
    "permisos",
    "conexiones",
    "capacidades",
    "reloj",
    "integridad",
    "disco",
    "redis",
];

/// Runs it on the fixture's database, on any free port, with these variables besides.
async fn examined(fixture: &Fixture, arguments: &[&str], variables: &[(&str, &str)]) -> Exit {
    let url = url_of(fixture).await;
    let all = [&[("DATABASE_URL", url.as_str()), ("PORT", "0")], variables].concat();
    run(&[&["doctor"], arguments].concat(), &all)
}

/// The line of a check, its mark at the front.
#[track_caller]
fn line<'a>(exit: &'a Exit, check: &str) -> &'a str {
    let found = exit.stdout.lines().find(|line| line.contains(&format!(" {check}: ")));
    found.unwrap_or_else(|| panic!("no {check} in {exit:?}"))
}

async fn a_database_that_is_as_it_should_be_passes(fixture: Fixture) {
    let fixture = fixture.migrated().await;
    let exit = examined(&fixture, &[], &[]).await;
    assert_eq!((exit.status, exit.stderr.as_str()), (Some(0), ""), "{}", exit.stdout);
    assert_eq!(exit.stdout.lines().count(), CHECKS.len(), "{}", exit.stdout);
    let engine = if fixture.database.engine() == "sqlite" { "SQLite 3." } else { "PostgreSQL " };
    assert!(line(&exit, "base de datos").starts_with(&format!("✔ base de datos: {engine}")), "{}", exit.stdout);
    assert_eq!(line(&exit, "migraciones"), "✔ migraciones: aplicadas 3, no falta ninguna");
    assert!(line(&exit, "permisos").starts_with('✔'), "{}", exit.stdout);
    assert!(!exit.stdout.contains('✘'), "{}", exit.stdout);
}

async fn a_script_reads_an_object_for_each_check(fixture: Fixture) {
    let exit = examined(&fixture, &["--json"], &[]).await;
    let findings: Vec<Value> = serde_json::from_str(&exit.stdout).unwrap();
    assert_eq!(findings.iter().map(|finding| finding["check"].as_str().unwrap()).collect::<Vec<_>>(), CHECKS);
    for finding in &findings {
        assert_eq!(finding.as_object().unwrap().len(), 4, "{finding}");
        let asks = matches!(finding["status"].as_str().unwrap(), "warning" | "failed");
        assert_eq!(finding["remedy"].is_string(), asks, "{finding}");
    }
}

async fn no_secret_is_shown(fixture: Fixture) {
    let variables = [
        ("REDIS_URL", "redis://ana:hunter2@127.0.0.1:1"),
        ("SECRET_KEY", "una-clave-secreta-de-mas-de-32-bytes"),
        ("JWT_ISSUER", "https://login.example"),
        ("JWT_AUDIENCE", "pagos"),
    ];
    let exit = examined(&fixture, &[], &variables).await;
    assert_eq!(exit.status, Some(1));
    assert!(line(&exit, "redis").starts_with("✘ redis: redis://ana:••••@127.0.0.1:1/0 no acepta conexiones"), "{}", exit.stdout);
    for secret in ["hunter2", "una-clave-secreta"] {
        assert!(!exit.stdout.contains(secret) && !exit.stderr.contains(secret), "{exit:?}");
    }
}

async fn what_is_pending_fails_where_the_start_does_not_apply_it(fixture: Fixture) {
    let exit = examined(&fixture, &[], &[]).await;
    assert_eq!(exit.status, Some(0), "{}", exit.stdout);
    assert!(
        line(&exit, "migraciones").starts_with("! migraciones: faltan 3 (1, 2, 3); el servicio las aplica"),
        "{}",
        exit.stdout
    );
    let exit = examined(&fixture, &[], &[("MIGRATE_ON_START", "false")]).await;
    assert_eq!(exit.status, Some(1));
    let expected = "✘ migraciones: faltan 3 (1, 2, 3); ejecute reference-pago-service migrate up";
    assert_eq!(line(&exit, "migraciones"), expected);
    let status = fixture.database.migrate_status().await.unwrap();
    assert!(status.iter().all(|migration| !migration.applied), "it has migrated");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_encoding_fails_with_how_to_make_the_right_one() {
    on_postgres_made("template template0 encoding 'LATIN1' locale 'C'", async |fixture| {
        let exit = examined(&fixture, &[], &[]).await;
        assert_eq!(exit.status, Some(1));
        let told = line(&exit, "base de datos");
        assert!(told.starts_with("✘ base de datos: ") && told.contains("--encoding=UTF8"), "{told}");
    })
    .await;
}

#[test]
fn settings_that_cannot_be_read_end_it_as_they_end_every_command() {
    let exit = run(&["doctor"], &[("PORT", "abc")]);
    assert_eq!((exit.status, exit.stdout.as_str()), (Some(2), ""));
    assert_eq!(exit.stderr, "PORT: debe ser un entero de 0 a 65535\n");
}

#[test]
fn an_address_in_use_is_no_failure() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, admin) = (listener.local_addr().unwrap().port().to_string(), listener.local_addr().unwrap().to_string());
    let exit = run(&["doctor"], &[("PORT", &port)]);
    assert!(exit.status == Some(0) && line(&exit, "dirección").contains("está ocupada"), "{exit:?}");
    let exit = run(&["doctor"], &[("PORT", "0"), ("ADMIN_ADDR", &admin)]);
    assert!(exit.status == Some(0) && line(&exit, "administración").starts_with('!'), "{exit:?}");
}

/// Runs it on this SQLite file of a directory.
fn on_file(directory: &Path, url: &str) -> Exit {
    run_in(directory, &["doctor"], &[("PORT", "0"), ("DATABASE_URL", url)])
}

#[test]
fn a_file_that_is_missing_is_told_and_not_made() {
    let directory = tempfile::tempdir().unwrap();
    let exit = on_file(directory.path(), "sqlite://pagos.db?mode=rwc");
    assert!(exit.status == Some(0) && line(&exit, "base de datos").starts_with('!'), "{exit:?}");
    let exit = on_file(directory.path(), "sqlite://pagos.db");
    assert!(exit.status == Some(1) && line(&exit, "base de datos").contains("mode=rwc"), "{exit:?}");
    let exit = on_file(directory.path(), "sqlite://no/pagos.db?mode=rwc");
    assert!(exit.status == Some(1) && line(&exit, "base de datos").contains("el directorio"), "{exit:?}");
    assert!(!directory.path().join("pagos.db").exists());
}

#[test]
fn a_file_of_something_else_is_told_and_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("pagos.db");
    fs::write(&file, "esto no es una base de datos".repeat(100)).unwrap();
    let before = fs::read(&file).unwrap();
    let exit = on_file(directory.path(), "sqlite://pagos.db?mode=rwc");
    assert_eq!(exit.status, Some(1));
    assert!(line(&exit, "base de datos").contains("no es una base SQLite"), "{}", exit.stdout);
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn a_file_at_rest_is_not_written_to() {
    let directory = tempfile::tempdir().unwrap();
    let url = "sqlite://pagos.db?mode=rwc";
    let seeded = run_in(directory.path(), &["seed", "--clientes", "3"], &[("DATABASE_URL", url)]);
    assert_eq!(seeded.status, Some(0), "{seeded:?}");
    let file = directory.path().join("pagos.db");
    let before = (fs::read(&file).unwrap(), fs::metadata(&file).unwrap().modified().unwrap());
    let exit = on_file(directory.path(), url);
    assert_eq!(exit.status, Some(0), "{exit:?}");
    assert!(line(&exit, "integridad").starts_with('✔') && line(&exit, "disco").contains("MiB"), "{}", exit.stdout);
    assert_eq!((fs::read(&file).unwrap(), fs::metadata(&file).unwrap().modified().unwrap()), before);
}
