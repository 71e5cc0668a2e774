//! What the parent asserts of each scene.

use std::collections::BTreeMap;
use std::io::Read;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value as Json;
use standards_core::log::capture::problems_of;

use crate::SCENE;
use crate::child::CANARIES;

fn child(scene: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env(SCENE, scene).env("RUST_BACKTRACE", "0").stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The records of a scene whose standard error must be empty.
fn records(scene: &str) -> Vec<Json> {
    records_of(&child(scene).output().unwrap())
}

fn records_of(output: &Output) -> Vec<Json> {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.is_empty(), "standard error: {stderr}");
    output.stdout.split_inclusive(|byte| *byte == b'\n').map(valid).collect()
}

fn valid(line: &[u8]) -> Json {
    let problems = problems_of(line);
    assert!(problems.is_empty(), "{problems:?} in {}", String::from_utf8_lossy(line));
    serde_json::from_slice(line).unwrap()
}

fn messages(records: &[Json]) -> Vec<&str> {
    records.iter().map(|record| record["message"].as_str().unwrap()).collect()
}

pub(crate) fn everything_is_a_record() {
    let records = records("everything");
    assert_eq!(
        messages(&records),
        ["evento", "de otra biblioteca", "Error no controlado (panic)", "Error no controlado (panic)", "último"]
    );
    assert_eq!(
        (&records[2]["error"]["message"], &records[3]["error"]["message"]),
        (&"en un hilo".into(), &"en un pedido".into())
    );
    assert!(records[2]["correlation_id"].as_str().unwrap().starts_with("proc-"));
    assert_eq!(records[3]["correlation_id"], "pedido-1");
}

pub(crate) fn a_lost_guard_loses_no_record() {
    assert_eq!(records("lost guard").len(), 1_000);
}

pub(crate) fn a_value_that_logs_or_panics() {
    let records = records("re-entrant");
    let messages = messages(&records);
    assert_eq!(messages[..3], ["dentro", "y otra vez", "fuera"]);
    assert!(messages.len() < 20 && messages.contains(&"primero"), "{messages:#?}");
    let survivor = records.last().unwrap();
    assert_eq!(survivor["context"], serde_json::json!({"bomba": "[formatting panicked]", "después": 1}));
}

pub(crate) fn a_blocked_pipe_stalls_nobody() {
    let signal = std::env::temp_dir().join(format!("standards-log-{}", std::process::id()));
    let child = child("flood").env("STANDARDS_LOG_SIGNAL", &signal).spawn().unwrap();
    let start = Instant::now();
    while !signal.exists() {
        assert!(start.elapsed() < Duration::from_secs(60), "the child is stalled");
        std::thread::sleep(Duration::from_millis(10));
    }
    std::fs::remove_file(&signal).unwrap();
    let records = records_of(&child.wait_with_output().unwrap());
    let mut counts = BTreeMap::<&str, u64>::new();
    for record in &records {
        *counts.entry(record["message"].as_str().unwrap()).or_default() += record["context"]["dropped"].as_u64().unwrap_or(1);
    }
    let (arrived, told) = (counts["inundación"], counts["Registros de log descartados"]);
    assert_eq!((arrived + told, counts["grave"]), (100_000, 100), "{counts:?}");
    assert!(told > 0);
    let end = &records.last().unwrap()["context"];
    assert_eq!((&end["dropped"], &end["dropped_error"]), (&told.into(), &0.into()));
    assert!(end["slowest_ms"].as_u64().unwrap() < 100, "{end}");
}

pub(crate) fn a_blocked_pipe_does_not_hold_up_the_end() {
    let mut child = child("stuck").spawn().unwrap();
    let start = Instant::now();
    assert!(wait(&mut child, Duration::from_secs(30)), "the child does not end");
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

fn wait(child: &mut Child, patience: Duration) -> bool {
    let deadline = Instant::now() + patience;
    while Instant::now() < deadline {
        if child.try_wait().unwrap().is_some() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    false
}

pub(crate) fn the_request_is_known_at_any_level() {
    let records = records("off");
    assert_eq!(messages(&records), ["en la tarea", "en un hilo ajeno"]);
    assert!(records.iter().all(|record| record["correlation_id"] == "pedido-2"), "{records:#?}");
}

pub(crate) fn levels_change_and_return() {
    let records = records("levels");
    let expected = [
        "Nivel de log cambiado",
        "detalle",
        "Nivel de log restablecido",
        "Nivel de log cambiado",
        "todo",
        "todo también",
        "Nivel de log restablecido",
    ];
    assert_eq!(messages(&records), expected);
}

pub(crate) fn a_panic_that_ends_the_process() {
    let output = child("last panic").output().unwrap();
    assert_eq!(output.status.code(), Some(101));
    assert_eq!(records_of(&output)[0]["error"]["message"], "el final");
}

pub(crate) fn our_layer_in_a_subscriber() {
    let records = records("our layer");
    assert_eq!(messages(&records), ["evento", "de otra biblioteca", "Error no controlado (panic)", "atrapado"]);
    assert_eq!(
        (&records[1]["logger"], &records[1]["level"], &records[1]["context"]),
        (&"tercero".into(), &"WARNING".into(), &Json::Null)
    );
    assert_eq!(records[2]["error"]["message"], "en un hilo");
    let traceback = records[3]["traceback"].as_str().unwrap();
    assert!(traceback.contains("tests/process/child.rs") && !traceback.starts_with("standards-core/src"), "{traceback}");
}

pub(crate) fn a_subscriber_without_our_layer() {
    let output = child("foreign subscriber").output().unwrap();
    let (told, errors) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    let lines: Vec<_> = told.lines().collect();
    assert_eq!((lines.len(), errors.as_str()), (2, ""), "{told}");
    assert!(lines[0].contains("INFO standards::log: a mano"), "{told}");
    assert!(lines[1].contains("ERROR standards::log: Error no controlado (panic)") && lines[1].contains("en un hilo"), "{told}");
}

pub(crate) fn a_panic_without_a_log() {
    let output = child("no log").output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.stdout.is_empty() && errors.contains("en un hilo"), "{errors}");
}

pub(crate) fn no_canary_survives() {
    let mut child = child("canaries").spawn().unwrap();
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(text.lines().count() >= 100_000, "{} lines", text.lines().count());
    let secrets = CANARIES.iter().map(|canary| canary.trim_start_matches("Bearer ").trim_start_matches("password="));
    for secret in secrets.chain(["canary", "4111111111111111"]) {
        let found = text.lines().find(|line| line.contains(secret));
        assert!(found.is_none(), "{secret} in {found:?}");
    }
    text.split_inclusive('\n').step_by(97).for_each(|line| drop(valid(line.as_bytes())));
}
