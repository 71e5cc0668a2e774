//! The record that stands in the place of those that were dropped.

use std::sync::{Arc, Mutex, PoisonError};

use crate::level::LogLevel;
use crate::log::control::pipeline::Pipeline;
use crate::log::line::draft::Origin;
use crate::log::options::LogOptions;
use crate::log::sink::dropped::Dropped;
use crate::log::sink::{Line, LineSink};
use crate::value::Value;

/// Writes reports in the same form as all other records, but past the queue that is full.
pub(in crate::log) struct Reporter {
    pipeline: Pipeline,
    written: Arc<Written>,
}

#[derive(Default)]
struct Written(Mutex<Vec<u8>>);

impl LineSink for Written {
    fn write(&self, line: Line<'_>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(line.bytes);
    }
}

impl Reporter {
    pub(in crate::log) fn new(options: &LogOptions) -> Self {
        let written = Arc::<Written>::default();
        let sink: Arc<dyn LineSink> = Arc::<Written>::clone(&written);
        Self { pipeline: Pipeline::new(&options.clone().with_every_repeat(), sink), written }
    }

    /// The record that tells of `dropped`, whatever the level filters say.
    pub(in crate::log) fn report(&self, dropped: Dropped) -> Vec<u8> {
        let origin = Origin { level: LogLevel::Warning, target: "standards::log", file: None, line: None };
        let counts = [
            ("dropped", dropped.total()),
            ("dropped_debug", dropped.debug),
            ("dropped_info", dropped.info),
            ("dropped_warning", dropped.warning),
            ("dropped_error", dropped.error),
        ];
        let fill = |draft: &mut crate::log::line::draft::Draft<'_>| {
            draft.message(format_args!("Registros de log descartados"));
            counts.iter().for_each(|(name, count)| draft.value(name, &Value::U64(*count)));
        };
        self.pipeline.write(origin, fill, || None);
        std::mem::take(&mut *self.written.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_a_record() {
        let mut dropped = Dropped::default();
        dropped.count(LogLevel::Info, 7);
        let reporter = Reporter::new(&LogOptions::new("a", "1"));
        for _ in 0..2 {
            let line = String::from_utf8(reporter.report(dropped)).unwrap();
            let record: serde_json::Value = serde_json::from_str(&line).unwrap();
            assert_eq!((&record["level"], &record["context"]["dropped"]), (&"WARNING".into(), &7.into()));
        }
    }
}
