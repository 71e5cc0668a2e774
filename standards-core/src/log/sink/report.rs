//! The record that stands in the place of those that were dropped.

use super::RecordCounts;
use crate::level::LogLevel;
use crate::log::line::{Draft, Form, Origin};
use crate::log::redact::Name;

/// The record that tells of `dropped`, whatever the level filters say. It goes past the queue that is full.
pub(in crate::log) fn report(form: &Form, dropped: RecordCounts) -> Vec<u8> {
    let origin = Origin { level: LogLevel::Warning, target: "standards::log", file: None, line: None, metadata: None };
    let counts = [
        ("dropped", dropped.total()),
        ("dropped_debug", dropped.debug),
        ("dropped_info", dropped.info),
        ("dropped_warning", dropped.warning),
        ("dropped_error", dropped.error),
    ];
    Draft::begin(form, origin, |draft| {
        draft.message(format_args!("Registros de log descartados"));
        counts.iter().for_each(|(name, count)| draft.unsigned(Name::plain(name), *count));
        draft.finish(None).to_vec()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::LogOptions;

    #[test]
    fn a_report_is_a_record() {
        let mut dropped = RecordCounts::default();
        dropped.count(LogLevel::Info, 7);
        let form = LogOptions::new("a", "1").form();
        for _ in 0..2 {
            let record: serde_json::Value = serde_json::from_slice(&report(&form, dropped)).unwrap();
            assert_eq!((&record["level"], &record["context"]["dropped"]), (&"WARNING".into(), &7.into()));
        }
    }
}
