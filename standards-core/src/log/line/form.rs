//! What the lines of a log have in common: their form, who writes them, what they hide.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use super::escape;
use crate::level::LogLevel;
use crate::log::redact::{Redaction, Redactor};

/// The longest `artifact` or `version`, in bytes of the line.
const NAME_ROOM: usize = 256;

/// `LOG_FORMAT`: how a record is written.
///
/// ```
/// use standards_core::log::LogFormat;
///
/// assert_eq!("ECS".parse(), Ok(LogFormat::Ecs));
/// assert_eq!(LogFormat::default().to_string(), "json");
/// assert_eq!("xml".parse::<LogFormat>().unwrap_err().to_string(), "must be json, ecs or pretty");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// The guideline's record, one JSON object per line.
    #[default]
    Json,
    /// The same facts under the names of the Elastic Common Schema, nested, one JSON object per line.
    Ecs,
    /// For a person at a terminal.
    Pretty,
}

/// A text that names no format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownFormat;

/// What every line is made with.
#[derive(Debug)]
pub(in crate::log) struct Form {
    pub(super) format: LogFormat,
    pub(in crate::log) redactor: Redactor,
    pub(super) artifact: Vec<u8>,
    pub(super) version: Vec<u8>,
    /// `","level":…,"artifact":…,"version":…,"correlation_id":"`, per level.
    heads: [Vec<u8>; LogLevel::ALL.len()],
    own_crates: Vec<Box<str>>,
}

impl Form {
    /// Lines of `artifact` in `version`; records of other crates than `own_crates` name their module.
    pub(in crate::log) fn new(
        format: LogFormat,
        redaction: &Redaction,
        artifact: &str,
        version: &str,
        own_crates: &[String],
    ) -> Self {
        let (artifact, version) = (escaped(artifact), escaped(version));
        let heads = LogLevel::ALL.map(|level| head(level, &artifact, &version));
        let own_crates = own_crates.iter().map(|name| name.replace('-', "_").into()).collect();
        Self { format, redactor: Redactor::new(redaction), artifact, version, heads, own_crates }
    }

    /// What stands between the timestamp and the correlation id.
    pub(super) fn head(&self, level: LogLevel) -> &[u8] {
        let [debug, info, warning, error] = &self.heads;
        match level {
            LogLevel::Debug => debug,
            LogLevel::Info => info,
            LogLevel::Warning => warning,
            LogLevel::Error => error,
        }
    }

    /// Whether the module `target` is one of ours; others say their name in each record.
    pub(super) fn owns(&self, target: &str) -> bool {
        STANDARDS.iter().any(|package| is_within(target, package)) || self.is_own(target)
    }

    /// Whether the service's own code stands there, be it a crate that nobody named: the compiler names the files of a workspace by relative
    /// paths, those of its dependencies by absolute ones.
    pub(in crate::log) fn is_of_service(&self, target: &str, file: Option<&str>) -> bool {
        let is_near = || file.is_some_and(|file| Path::new(file).is_relative());
        !STANDARDS.iter().any(|package| is_within(target, package)) && (self.is_own(target) || is_near())
    }

    fn is_own(&self, target: &str) -> bool {
        self.own_crates.iter().any(|own| is_within(target, own))
    }
}

/// The packages of the standard, and the name under which both of them speak.
const STANDARDS: [&str; 3] = ["standards", "standards_axum", "standards_core"];

/// Whether the module `target` is the package's root, or beneath it.
fn is_within(target: &str, package: &str) -> bool {
    target.strip_prefix(package).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

fn escaped(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    escape::push_within(&mut out, text, 0, NAME_ROOM);
    out
}

fn head(level: LogLevel, artifact: &[u8], version: &[u8]) -> Vec<u8> {
    let level = level.as_str().as_bytes();
    [br#"","level":""#, level, br#"","artifact":""#, artifact, br#"","version":""#, version, br#"","correlation_id":""#].concat()
}

impl FromStr for LogFormat {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim().to_ascii_lowercase().as_str() {
            "json" => Ok(Self::Json),
            "ecs" => Ok(Self::Ecs),
            "pretty" => Ok(Self::Pretty),
            _ => Err(UnknownFormat),
        }
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "json",
            Self::Ecs => "ecs",
            Self::Pretty => "pretty",
        })
    }
}

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be json, ecs or pretty")
    }
}

impl std::error::Error for UnknownFormat {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_belongs_to_its_crate() {
        let form = Form::new(LogFormat::Json, &Redaction::default(), "ms-pago", "1", &["ms-pago".to_owned()]);
        for own in ["ms_pago", "ms_pago::services", "standards_core::log", "standards::access"] {
            assert!(form.owns(own), "{own}");
        }
        for foreign in ["ms_pago_otro", "sqlx::query", "", "standardsx::y"] {
            assert!(!form.owns(foreign), "{foreign}");
        }
    }

    #[test]
    fn code_of_the_workspace_is_the_services() {
        let form = Form::new(LogFormat::Json, &Redaction::default(), "ms-pago", "1", &["ms-pago".to_owned()]);
        let (near, far) = (Some("src/caja.rs"), Some("/home/x/.cargo/registry/src/y/sqlx-1.0.0/src/lib.rs"));
        for (target, file) in [("ms_pago::caja", near), ("ms_pago", far), ("otro", near), ("ms_pago", None)] {
            assert!(form.is_of_service(target, file), "{target} {file:?}");
        }
        for (target, file) in [("sqlx", far), ("sqlx", None), ("standards_core::log", near), ("standards::access", None)] {
            assert!(!form.is_of_service(target, file), "{target} {file:?}");
        }
    }
}
