//! What a check came to.

use std::fmt;

use serde::Serialize;

/// Of a text that a server wrote.
const MAX_CHARACTERS: usize = 400;

/// One check, how it ended, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    check: &'static str,
    status: Status,
    detail: String,
    remedy: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    Ok,
    /// The service runs, but somebody should look.
    Warning,
    /// It does not run, or not as it is told to.
    Failed,
    /// It does not apply, or cannot be known.
    Skipped,
}

impl Finding {
    pub(super) fn ok(check: &'static str, detail: impl Into<String>) -> Self {
        Self::new(check, Status::Ok, detail, None)
    }

    pub(super) fn warning(check: &'static str, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(check, Status::Warning, detail, Some(remedy.into()))
    }

    pub(super) fn failed(check: &'static str, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(check, Status::Failed, detail, Some(remedy.into()))
    }

    pub(super) fn skipped(check: &'static str, detail: impl Into<String>) -> Self {
        Self::new(check, Status::Skipped, detail, None)
    }

    fn new(check: &'static str, status: Status, detail: impl Into<String>, remedy: Option<String>) -> Self {
        Self { check, status, detail: line_of(&detail.into()), remedy }
    }

    pub(super) fn is_failed(&self) -> bool {
        self.status == Status::Failed
    }

    #[cfg(test)]
    pub(super) fn status(&self) -> Status {
        self.status
    }
}

/// A line, whatever a server said.
fn line_of(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_CHARACTERS).collect()
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.status {
            Status::Ok => '✔',
            Status::Warning => '!',
            Status::Failed => '✘',
            Status::Skipped => '–',
        };
        write!(f, "{mark} {}: {}", self.check, self.detail)?;
        self.remedy.as_ref().map_or(Ok(()), |remedy| write!(f, "; {remedy}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_one_line_that_ends_in_what_to_do() {
        let shown = Finding::failed("migraciones", "faltan 2", "ejecute migrate up").to_string();
        assert_eq!(shown, "✘ migraciones: faltan 2; ejecute migrate up");
        assert_eq!(Finding::ok("reloj", "a\r\nb\u{1b}[31m").to_string(), "✔ reloj: a  b [31m");
        assert_eq!(Finding::skipped("redis", "x".repeat(9000)).detail.len(), MAX_CHARACTERS);
    }

    #[test]
    fn scripts_read_an_object() {
        let read = serde_json::to_value(Finding::warning("disco", "poco", "haga lugar")).unwrap();
        let expected = serde_json::json!({"check": "disco", "status": "warning", "detail": "poco", "remedy": "haga lugar"});
        assert_eq!(read, expected);
        assert_eq!(serde_json::to_value(Finding::ok("disco", "bien")).unwrap()["remedy"], serde_json::Value::Null);
    }
}
