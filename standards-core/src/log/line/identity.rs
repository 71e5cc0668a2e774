//! Who writes the log: the pieces of a line that never change.

use crate::level::LogLevel;
use crate::log::line::escape;

/// The longest `artifact` or `version`, in bytes of the line.
const NAME_ROOM: usize = 256;

/// `artifact` and `version`, and which crates are our own.
#[derive(Debug)]
pub(in crate::log) struct Identity {
    pub(in crate::log) artifact: Vec<u8>,
    pub(in crate::log) version: Vec<u8>,
    /// `","level":…,"artifact":…,"version":…,"correlation_id":"`, per level.
    heads: [Vec<u8>; LogLevel::ALL.len()],
    own_crates: Vec<Box<str>>,
}

impl Identity {
    pub(in crate::log) fn new(artifact: &str, version: &str, own_crates: &[String]) -> Self {
        let (artifact, version) = (escaped(artifact), escaped(version));
        let heads = LogLevel::ALL.map(|level| head(level, &artifact, &version));
        let own_crates = own_crates.iter().map(|name| name.replace('-', "_").into()).collect();
        Self { artifact, version, heads, own_crates }
    }

    /// What stands between the timestamp and the correlation id.
    pub(in crate::log) fn head(&self, level: LogLevel) -> &[u8] {
        let [debug, info, warning, error] = &self.heads;
        match level {
            LogLevel::Debug => debug,
            LogLevel::Info => info,
            LogLevel::Warning => warning,
            LogLevel::Error => error,
        }
    }

    /// Whether the module `target` is one of ours; others say their name in each record.
    pub(in crate::log) fn owns(&self, target: &str) -> bool {
        const STANDARDS: [&str; 3] = ["standards_axum", "standards_core", "standards"];
        let package = target.split(':').next().unwrap_or(target);
        self.own_crates.iter().any(|own| **own == *package) || STANDARDS.contains(&package)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_belongs_to_its_crate() {
        let identity = Identity::new("ms-pago", "1", &["ms-pago".to_owned()]);
        for own in ["ms_pago", "ms_pago::services", "standards_core::log", "standards::access"] {
            assert!(identity.owns(own), "{own}");
        }
        for foreign in ["ms_pago_otro", "sqlx::query", "", "standardsx::y"] {
            assert!(!identity.owns(foreign), "{foreign}");
        }
    }
}
