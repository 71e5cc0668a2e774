//! ARQ-02: what clippy says of lengths and names.

use serde_json::Value;
use standards_core::rules::Bilingual;

use super::Said;
use crate::conformance::text::both;

/// What clippy and rustc say where a function is too long or a name is not of the convention.
const LINTS: [&str; 4] = ["clippy::too_many_lines", "non_snake_case", "non_camel_case_types", "non_upper_case_globals"];

/// Reads the messages of `cargo clippy --message-format=json`, which must have come to their end.
pub(super) fn clippy(text: &str) -> Result<Said, Bilingual> {
    let messages: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let finished = |message: &Value| message.get("reason").and_then(Value::as_str) == Some("build-finished");
    if !messages.iter().any(finished) {
        return Err(both(
            "No es la salida de cargo clippy --message-format=json, completa",
            "Not the whole output of cargo clippy --message-format=json",
        ));
    }
    let wrong: Vec<String> = messages.iter().filter(|message| is_told(message)).map(rendered).collect();
    let count = wrong.len();
    Ok(Said::new("ARQ-02", wrong, both(format!("clippy: {count}"), format!("clippy: {count}"))))
}

fn is_told(message: &Value) -> bool {
    message.pointer("/message/code/code").and_then(Value::as_str).is_some_and(|code| LINTS.contains(&code))
}

fn rendered(message: &Value) -> String {
    message.pointer("/message/rendered").and_then(Value::as_str).unwrap_or_default().to_owned()
}
