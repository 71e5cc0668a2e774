//! What the repository's pages say is what the service does: the README's lines are run, the generated pages compared.

use std::path::Path;
use std::process::{Command, Stdio};

use reference_pago_service::app;
use reference_pago_service::config::ServiceSettings;
use serde_json::Value;
use standards_core::settings::Environment;

use super::service::{ServiceProcess, run};
use crate::auth::VARIABLES;

fn page(path: &str) -> String {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    std::fs::read_to_string(root.join(path)).unwrap()
}

/// `page` ends with what the command prints, in an environment with these variables alone.
#[track_caller]
fn assert_generated(path: &str, arguments: &[&str], variables: &[(&str, &str)]) {
    let printed = run(arguments, variables);
    assert_eq!((printed.status, printed.stderr.as_str()), (Some(0), ""));
    assert!(page(path).ends_with(&printed.stdout), "{path} is not what `{}` prints now", arguments.join(" "));
}

#[test]
fn the_generated_pages_are_up_to_date() {
    assert_generated("docs/configuration.md", &["config", "describe"], &[]);
    assert_generated("docs/errors.md", &["errors"], &[]);
    assert_generated("docs/metrics.md", &["metrics"], &[]);
    // As clients have to know it: with what each operation demands of them.
    assert_generated("docs/openapi.json", &["openapi"], &VARIABLES);
    assert_generated("reference-pago-service/.env.example", &["config", "env-example"], &[]);
}

#[test]
fn the_printed_document_is_that_of_the_settings() {
    let document =
        |required| -> Value { serde_json::from_str(&run(&["openapi"], &[("IDEMPOTENCY_REQUIRED", required)]).stdout).unwrap() };
    let required = |document: &Value| document["paths"]["/api/v1/pagos"]["post"]["parameters"][0]["required"].clone();
    assert_eq!([required(&document("false")), required(&document("true"))], [false, true]);
}

#[test]
fn every_bound_of_the_document_is_enforced() {
    let settings: ServiceSettings = Environment::from_pairs([("APP_ENV", "development")]).settings().unwrap();
    assert_eq!(app::api(&settings).unenforced_bounds(), [""; 0]);
}

/// The README's `$ curl ...` lines and the line after each.
fn exchanges_of_the_readme() -> Vec<(String, String)> {
    let readme = page("README.md");
    let mut lines = readme.lines();
    let mut exchanges = Vec::new();
    while let Some(line) = lines.next() {
        if let Some(command) = line.strip_prefix("$ ") {
            exchanges.push((command.to_owned(), lines.next().unwrap().to_owned()));
        }
    }
    exchanges
}

fn without_instants(answer: &str) -> String {
    let instant = regex::Regex::new(r#""created_at":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z""#).unwrap();
    instant.replace_all(answer, "").into_owned()
}

#[tokio::test]
async fn the_lines_of_the_readme_give_the_answers_that_it_shows() {
    if Command::new("curl").arg("--version").stdout(Stdio::null()).status().is_err() {
        assert!(std::env::var("CI").is_err(), "CI needs curl");
        eprintln!("SKIPPED: the README's lines need curl");
        return;
    }
    let service = ServiceProcess::on_sqlite(&[]).await;
    let exchanges = exchanges_of_the_readme();
    assert!(exchanges.len() >= 6);
    for (command, expected) in exchanges {
        let here = command.replace("127.0.0.1:8000", &service.address.to_string());
        let output = Command::new("sh").args(["-c", &here]).output().unwrap();
        let answer = String::from_utf8(output.stdout).unwrap();
        assert_eq!(without_instants(answer.trim_end()), without_instants(&expected), "{command}");
    }
}
