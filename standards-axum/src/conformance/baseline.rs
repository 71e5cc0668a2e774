//! Broken rules that a team knows of: a list that only shrinks.

use std::path::Path;

use serde_json::{Value, json};
use standards_core::rules::Bilingual;

use super::model::{Judged, Status};
use super::text::{both, clean};

/// The ids that were broken when it was written, less those that were mended since.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Baseline(Vec<String>);

impl Baseline {
    /// Reads the file; `None` where there is none yet.
    pub(super) fn read(file: &Path) -> Result<Option<Self>, Bilingual> {
        let text = match std::fs::read(file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            text => text.map_err(|error| refused(file, &error.to_string()))?,
        };
        let value: Value = serde_json::from_slice(&text).map_err(|error| refused(file, &error.to_string()))?;
        let rules = value.get("rules").and_then(Value::as_array).ok_or_else(|| refused(file, "rules"))?;
        let ids: Option<Vec<String>> = rules.iter().map(|id| id.as_str().map(str::to_owned)).collect();
        Ok(Some(Self(ids.ok_or_else(|| refused(file, "rules"))?)))
    }

    /// What is broken now.
    pub(super) fn of(judged: &[Judged]) -> Self {
        Self(judged.iter().filter(|one| one.status.is_broken()).map(|one| one.rule.id.clone()).collect())
    }

    /// Broken rules that are listed become waived; the list without those that are kept now.
    pub(super) fn apply(self, judged: &mut [Judged]) -> Self {
        let mut left = self.0;
        for one in judged.iter_mut() {
            let listed = left.contains(&one.rule.id);
            match one.status {
                Status::Pass => left.retain(|id| *id != one.rule.id),
                status if listed && status.is_broken() => {
                    (one.status, one.reason) =
                        (Status::Waived, both("conocida: está en la línea base", "known: it is in the baseline"));
                }
                _ => {}
            }
        }
        Self(left)
    }

    pub(super) fn write(&self, file: &Path) -> Result<(), Bilingual> {
        let mut text = serde_json::to_string_pretty(&json!({"schema": 1, "rules": self.0})).unwrap_or_default();
        text.push('\n');
        std::fs::write(file, text).map_err(|error| refused(file, &error.to_string()))
    }
}

fn refused(file: &Path, why: &str) -> Bilingual {
    let (file, why) = (clean(&file.to_string_lossy()), clean(why));
    both(format!("La línea base {file} no sirve: {why}"), format!("The baseline {file} cannot be used: {why}"))
}
