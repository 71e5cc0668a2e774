//! Several runs side by side, and what is broken in one and not in the other.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;
use standards_core::Language;
use standards_core::rules::{Bilingual, catalogue};

use super::markdown::cell;
use crate::conformance::text::{both, clean};

/// The largest report that is read.
const REPORT_BYTES: u64 = 16 << 20;

/// A JSON report of an earlier run.
#[derive(Debug)]
pub(in crate::conformance) struct Earlier {
    name: String,
    value: Value,
}

impl Earlier {
    /// Reads a report; anything else is refused.
    pub(in crate::conformance) fn read(file: &str) -> Result<Self, Bilingual> {
        let refused = |why: &str| {
            let (file, why) = (clean(file), clean(why));
            both(
                format!("{file} no es un informe JSON de standards-check: {why}"),
                format!("{file} is no JSON report of standards-check: {why}"),
            )
        };
        let path = Path::new(file);
        let size = std::fs::metadata(path).map_err(|error| refused(&error.to_string()))?.len();
        if size > REPORT_BYTES {
            return Err(refused("> 16 MiB"));
        }
        let text = std::fs::read(path).map_err(|error| refused(&error.to_string()))?;
        let value: Value = serde_json::from_slice(&text).map_err(|error| refused(&error.to_string()))?;
        if value.get("schema") != Some(&Value::from(1)) || !value.get("rules").is_some_and(Value::is_array) {
            return Err(refused("schema"));
        }
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        Ok(Self { name: stem.unwrap_or_default(), value })
    }

    /// One member of the report.
    pub(super) fn member(&self, name: &str) -> Option<&Value> {
        self.value.get(name)
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn status(&self, rule: &str) -> &str {
        let rules = self.value.get("rules").and_then(Value::as_array);
        let found = rules.into_iter().flatten().find(|one| one.get("id").and_then(Value::as_str) == Some(rule));
        found.and_then(|one| one.get("status")?.as_str()).unwrap_or("—")
    }

    pub(super) fn verdict(&self) -> &str {
        self.value.get("verdict").and_then(Value::as_str).unwrap_or("—")
    }
}

/// A table, a row for each rule and a column for each run; rows whose runs differ carry a mark.
pub(in crate::conformance) fn matrix(runs: &[Earlier], language: Language) -> String {
    let rule = if language == Language::Es { "regla" } else { "rule" };
    let names: Vec<String> = runs.iter().map(|run| cell(&clean(&run.name))).collect();
    let verdicts: Vec<String> = runs.iter().map(|run| cell(&clean(run.verdict()))).collect();
    let mut text = format!("| {rule} | | {} | |\n|---|---|{}---|\n", names.join(" | "), "---|".repeat(runs.len()));
    let _ = writeln!(text, "| | | {} | |", verdicts.join(" | "));
    for rule in &catalogue().rules {
        let statuses: Vec<String> = runs.iter().map(|run| cell(&clean(run.status(&rule.id)))).collect();
        let differ = statuses.windows(2).any(|pair| pair.first() != pair.last());
        let mark = if differ { "≠" } else { "" };
        let _ = writeln!(text, "| {} | {} | {} | {mark} |", rule.id, rule.level, statuses.join(" | "));
    }
    text
}
