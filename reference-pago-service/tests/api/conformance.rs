//! `standards-check` judges the service as anybody's: started as a process, asked over HTTP, its log read.

use std::path::Path;

use reference_pago_service::app;
use reference_pago_service::schema_gate::SchemaGate;
use serde_json::Value;
use standards_axum::conformance::{check, command_line};
use standards_core::settings::Environment;

use crate::support;

/// What is not seen from outside.
const NOT_SEEN: [&str; 6] = ["CFG-02", "DB-02", "ARQ-01", "ARQ-02", "TST-01", "TST-02"];

#[tokio::test(flavor = "multi_thread")]
async fn the_service_breaks_no_rule() {
    let report = judged("", &profile()).await;
    assert_eq!(with_status(&report, &["fail", "warn", "error"]), Vec::<String>::new());
    assert_eq!(report["verdict"], "INCOMPLETO");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_obligatory_rule_that_can_be_seen_is_seen() {
    let report = judged("", &profile()).await;
    let open = with_status(&report, &["not-tested", "review"]);
    let open: Vec<&String> = open.iter().filter(|id| level(&report, id) == "MUST").collect();
    assert!(open.iter().all(|id| NOT_SEEN.contains(&id.as_str())), "{open:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_token_the_service_breaks_no_rule() {
    let key = "conformance-conformance-conformance-0123";
    let variables = format!("export SECRET_KEY={key} JWT_ISSUER=pruebas JWT_AUDIENCE=pagos; ");
    let token = token(&variables);
    let report = judged(&variables, &profile().replace("${STANDARDS_CHECK_TOKEN:-}", &token)).await;
    assert_eq!(with_status(&report, &["fail", "warn", "error"]), Vec::<String>::new());
    assert!(with_status(&report, &["pass"]).contains(&"ERR-09".to_owned()));
}

/// The same within a test: no process, no port of its own choosing, the records of its requests alone.
#[tokio::test(flavor = "multi_thread")]
async fn within_a_test_the_service_breaks_no_rule() {
    support::on_sqlite(async |fixture| {
        let fixture = fixture.migrated().await;
        let gate = SchemaGate::default();
        gate.open(&fixture.database, true).await.unwrap();
        let settings = Environment::from_pairs([("FAULT_ROUTE", "true")]).settings().unwrap();
        let conformance = check(app::service(settings, &fixture.database, gate), profile()).await;
        conformance.assert_conforms();
        assert_eq!(conformance.broken(), Vec::<&str>::new());
        for rule in ["ERR-05", "LOG-12", "LOG-13", "DB-01"] {
            assert_eq!(conformance.status(rule), Some("pass"), "{rule}");
        }
    })
    .await;
}

fn profile() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/pagos.toml")).unwrap()
}

/// The report on the service, started in a folder of its own with an SQLite database in it.
async fn judged(variables: &str, profile: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let (named, report) = (folder.path().join("pagos.toml"), folder.path().join("report.json"));
    std::fs::write(&named, profile).unwrap();
    let command = format!("cd '{}'; {variables}exec '{}'", folder.path().display(), env!("CARGO_BIN_EXE_reference-pago-service"));
    let to = format!("json={}", report.display());
    let arguments = ["standards-check", "run", "--spawn", &command, "--profile", named.to_str().unwrap(), "--report", &to];
    let _ = command_line(arguments.map(Into::into)).await;
    serde_json::from_slice(&std::fs::read(&report).unwrap()).unwrap()
}

/// A token that the service itself signs.
fn token(variables: &str) -> String {
    let binary = env!("CARGO_BIN_EXE_reference-pago-service");
    let scopes = "pagos:read pagos:write clientes:read clientes:write";
    let command = format!("{variables}exec '{binary}' token --sub chk --scope '{scopes}'");
    let output = std::process::Command::new("sh").args(["-c", &command]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn with_status(report: &Value, wanted: &[&str]) -> Vec<String> {
    let rules = report["rules"].as_array().unwrap().iter();
    rules
        .filter(|rule| wanted.contains(&rule["status"].as_str().unwrap()))
        .map(|rule| rule["id"].as_str().unwrap().to_owned())
        .collect()
}

fn level<'a>(report: &'a Value, id: &str) -> &'a str {
    let rule = report["rules"].as_array().unwrap().iter().find(|rule| rule["id"] == id).unwrap();
    rule["level"].as_str().unwrap()
}
