//! Runs the checker on this binary, and compares.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{Command, ExitCode, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::service::CANARY;
use crate::switches::SWITCHES;
use crate::{dependent, hostile, other};

/// How many checkers run at once.
const AT_ONCE: usize = 3;

/// The token of a service that wants one, and the switches of such a service.
const TOKEN: &str = "saboteur-token-7391";
const WITH_TOKEN: [&str; 2] = ["token", "ERR-09"];

/// A test: its name, and what it does.
type Test = (String, Box<dyn Fn() -> Result<(), String> + Send + Sync>);

/// Runs every test whose name holds what the command line says.
pub(crate) fn run_all() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let tests: Vec<Test> =
        tests().into_iter().filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|word| name.contains(word))).collect();
    if std::env::args().any(|word| word == "--list") {
        tests.iter().for_each(|(name, _)| println!("{name}: test"));
        return ExitCode::SUCCESS;
    }
    let failed = run_some(&tests);
    failed.iter().for_each(|why| eprintln!("{why}"));
    let (ok, word) = (tests.len() - failed.len(), if failed.is_empty() { "ok" } else { "FAILED" });
    println!("test result: {word}. {ok} passed; {} failed; 0 ignored; 0 measured; 0 filtered out", failed.len());
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Some at once; why those failed that did.
fn run_some(tests: &[Test]) -> Vec<String> {
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((name, test)) = tests.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let ended = catch_unwind(AssertUnwindSafe(test)).unwrap_or_else(|_| Err("it panicked".to_owned()));
                    println!("test {name} ... {}", if ended.is_ok() { "ok" } else { "FAILED" });
                    failed.lock().unwrap().extend(ended.err().map(|why| format!("---- {name}\n{why}")));
                }
            });
        }
    });
    failed.into_inner().unwrap()
}

fn tests() -> Vec<Test> {
    let mut tests: Vec<Test> = vec![
        ("a_good_service_breaks_no_rule".into(), Box::new(a_good_service_breaks_no_rule)),
        ("with_evidence_a_good_service_is_conforming".into(), Box::new(with_evidence_a_good_service_is_conforming)),
        ("a_good_service_that_wants_a_token_breaks_no_rule".into(), Box::new(with_a_token)),
        ("a_service_of_another_style_breaks_no_rule".into(), Box::new(other::breaks_no_rule)),
    ];
    for (fault, rules) in other::FAULTS {
        tests.push((format!("fault_{fault}_of_another_style_is_named"), Box::new(move || other::tells(fault, rules))));
    }
    for switch in dependent::SWITCHES {
        tests.push((format!("saboteur_{switch}_of_a_dependency"), Box::new(move || dependent::judges(switch))));
    }
    for (switch, companions) in SWITCHES {
        tests.push((format!("saboteur_{switch}_fails_its_rule"), Box::new(move || fails_its_rule(switch, companions))));
    }
    tests.extend(hostile::tests());
    tests
}

/// `standards-check` with arguments.
pub(crate) fn checker(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_standards-check"));
    command.args(arguments);
    command
}

/// A run on this binary under a switch, in a folder of its own; the report and what was printed.
pub(crate) fn judged(switch: &str, arguments: &[&str]) -> (Value, Output) {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.json");
    let itself = std::env::current_exe().unwrap();
    let mut command = checker(&["run", "--spawn", itself.to_str().unwrap(), "--report", &format!("json={}", report.display())]);
    command.args(arguments).envs([("SABOTAGE", switch), ("DATABASE_URL", "memory"), ("SABOTAGE_CANARY", CANARY)]);
    command.envs([("STANDARDS_CHECK_FAULT", "/api/v1/_falla"), ("STANDARDS_CHECK_CANARY", CANARY)]);
    if WITH_TOKEN.contains(&switch) {
        command.envs([("SABOTAGE_TOKEN", TOKEN), ("STANDARDS_CHECK_TOKEN", TOKEN)]);
    }
    let output = command.env_remove("SERVICE_NAME").env_remove("SERVICE_VERSION").output().unwrap();
    let text = std::fs::read_to_string(&report).unwrap_or_else(|error| panic!("{switch}: {error}: {}", shown(&output)));
    (serde_json::from_str(&text).unwrap(), output)
}

/// The rules that a report finds broken.
pub(crate) fn broken(report: &Value) -> BTreeSet<String> {
    let rules = report["rules"].as_array().unwrap().iter();
    let broken = rules.filter(|rule| ["fail", "warn", "error"].contains(&rule["status"].as_str().unwrap()));
    broken.map(|rule| rule["id"].as_str().unwrap().to_owned()).collect()
}

pub(crate) fn profile() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .join("reference-pago-service/conformance/fastapi.toml")
        .display()
        .to_string()
}

pub(crate) fn shown(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn a_good_service_breaks_no_rule() -> Result<(), String> {
    let (report, output) = judged("none", &["--profile", &profile()]);
    let open: Vec<&str> = report["rules"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|rule| rule["level"] == "MUST" && rule["status"] == "not-tested")
        .map(|rule| rule["id"].as_str().unwrap())
        .collect();
    if broken(&report).is_empty() && open.is_empty() && output.status.code() == Some(0) {
        return Ok(());
    }
    Err(format!("broken: {:?}, not tested: {open:?}\n{}", broken(&report), shown(&output)))
}

fn with_a_token() -> Result<(), String> {
    let (report, output) = judged("token", &["--profile", &profile()]);
    let passed = report["rules"].as_array().unwrap().iter().any(|rule| rule["id"] == "ERR-09" && rule["status"] == "pass");
    if passed && broken(&report).is_empty() && !shown(&output).contains(TOKEN) { Ok(()) } else { Err(shown(&output)) }
}

/// What the profile of a service says of its sources and tests.
const INSIDE: &str = "[layers]\norder = [\"services\", \"api\"]\n\
                      [[critical]]\noperation = \"POST /api/v1/pagos\"\ntests = [\"pagos::\"]\n";

#[expect(clippy::too_many_lines, reason = "a table of evidence")]
fn with_evidence_a_good_service_is_conforming() -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let file = |kind: &str, text: &str| {
        let path = folder.path().join(kind);
        std::fs::write(&path, text).unwrap();
        format!("{kind}={}", path.display())
    };
    let profile = folder.path().join("perfil.toml");
    std::fs::write(&profile, format!("{}\n{INSIDE}", std::fs::read_to_string(self::profile()).unwrap())).unwrap();
    ["services.rs", "api.rs"].iter().for_each(|name| std::fs::write(folder.path().join(name), "").unwrap());
    let kinds = [
        file("lcov", "LF:10\nLH:9\n"),
        file("clippy", "{\"reason\":\"build-finished\",\"success\":true}"),
        file("tests", "test pagos::un_pago_se_hace ... ok\ntest result: ok.\n"),
        file("variables", "PORT\n"),
        file("env-example", "# PORT=8000\n"),
        format!("sources={}", folder.path().display()),
    ];
    let mut arguments = vec!["--profile", profile.to_str().unwrap(), "--require-all", "--command", "DB-02=exit 0"];
    arguments.extend(kinds.iter().flat_map(|kind| ["--evidence", kind]));
    let (report, output) = judged("none", &arguments);
    let ticked = report["checklist"].as_array().unwrap().iter().all(|ticked| ticked["status"] == "pass");
    if report["verdict"] == "CONFORME" && ticked && output.status.code() == Some(0) { Ok(()) } else { Err(shown(&output)) }
}

fn fails_its_rule(switch: &str, companions: &[&str]) -> Result<(), String> {
    let skip: &[&str] = if ["LOG-17", "CFG-01", "CFG-03"].contains(&switch) { &[] } else { &["--skip", "LOG-17,CFG-01,CFG-03"] };
    let profile = profile();
    let arguments = [&["--profile", &profile, "--fail-on", "ext"], skip].concat();
    let (report, output) = judged(switch, &arguments);
    let wanted: BTreeSet<String> = companions.iter().chain([&switch]).map(|id| (*id).to_owned()).collect();
    if broken(&report) == wanted && output.status.code() == Some(1) {
        return Ok(());
    }
    let text = shown(&output);
    let told: Vec<&str> =
        text.lines().filter(|line| line.starts_with("  ✘") || line.starts_with("  !") || line.starts_with("      ")).collect();
    Err(format!("wanted {wanted:?}, found {:?}, status {:?}\n{}", broken(&report), output.status.code(), told.join("\n")))
}
