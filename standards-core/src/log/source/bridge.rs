//! From the `log` crate to the record.

use log::{Log, Metadata, Record};
use tracing::level_filters::LevelFilter;

use super::spans::OfThread;
use super::tracing::with_current;
use crate::level::LogLevel;
use crate::log::line::Origin;

/// Writes each record of the `log` crate with its own target and level, through the same filter as all others.
pub(in crate::log) struct Bridge;

impl Log for Bridge {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let enabled = std::cell::Cell::new(false);
        with_current(|pipeline, _| enabled.set(pipeline.enables(metadata.target(), filter_of(metadata.level()))));
        enabled.get()
    }

    fn log(&self, record: &Record<'_>) {
        with_current(|pipeline, dispatch| {
            if pipeline.enables(record.target(), filter_of(record.level())) {
                pipeline.write(origin_of(record), |draft| draft.message(*record.args()), &OfThread(dispatch));
            }
        });
    }

    fn flush(&self) {}
}

fn origin_of<'a>(record: &Record<'a>) -> Origin<'a> {
    let (level, file, line) = (level_of(record.level()), record.file(), record.line());
    Origin { level, target: record.target(), file, line, metadata: None }
}

const fn level_of(level: log::Level) -> LogLevel {
    match level {
        log::Level::Error => LogLevel::Error,
        log::Level::Warn => LogLevel::Warning,
        log::Level::Info => LogLevel::Info,
        log::Level::Debug | log::Level::Trace => LogLevel::Debug,
    }
}

fn filter_of(level: log::Level) -> LevelFilter {
    match level {
        log::Level::Trace => LevelFilter::TRACE,
        level => level_of(level).into(),
    }
}
