//! Whether a line is what the contract says: by its JSON Schema, by what a schema cannot say, and by what an index takes.

use std::sync::LazyLock;

use serde_json::Value as Json;

use super::index::Index;
use super::schema::Schema;
use super::strict;
use crate::log::line::MAX_LINE;
use crate::log::{ECS_RECORD_SCHEMA, INDEX_TEMPLATE, RECORD_SCHEMA};

static RECORD: LazyLock<Schema> = LazyLock::new(|| Schema::parse(RECORD_SCHEMA));
static ECS_RECORD: LazyLock<Schema> = LazyLock::new(|| Schema::parse(ECS_RECORD_SCHEMA));
static INDEX: LazyLock<Index> = LazyLock::new(|| Index::with_template(INDEX_TEMPLATE));

/// What is wrong with `line`, a record and its line feed; nothing when it keeps the contract.
///
/// ```
/// use standards_core::log::capture::problems_of;
///
/// let problems = problems_of(b"{\"a\":1,\"a\":2}\n");
/// assert!(problems[0].starts_with("\"a\" stands twice"), "{problems:?}");
/// ```
#[must_use]
pub fn problems_of(line: &[u8]) -> Vec<String> {
    let mut problems = Vec::new();
    if line.len() > MAX_LINE {
        problems.push(format!("{} bytes are more than {MAX_LINE}", line.len()));
    }
    let (body, end) = line.split_at(line.len().saturating_sub(1));
    if end != b"\n" || body.iter().any(|byte| *byte < 0x20) {
        problems.push("a control character inside, or no line feed at the end".to_owned());
    }
    match strict::parse(body) {
        Ok(record) => {
            schema_of(&record).check("", &record, &mut problems);
            problems.extend(INDEX.refusals(&record));
        }
        Err(error) => problems.push(error.to_string()),
    }
    problems
}

fn schema_of(record: &Json) -> &'static Schema {
    if record.get("ecs").is_some() { &ECS_RECORD } else { &RECORD }
}
