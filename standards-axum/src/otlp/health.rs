//! Whether spans reach the collector: the log is told when that changes, and not of every span.

use std::fmt::Display;

use standards_core::log::{LogLevel, Record};

/// What the log was told last.
#[derive(Debug)]
pub(super) struct Health {
    /// Where the collector is.
    collector: String,
    is_losing: bool,
    /// How many were lost when it was told, and at the last export.
    told: u64,
    seen: u64,
}

impl Health {
    pub(super) const fn of(collector: String) -> Self {
        Self { collector, is_losing: false, told: 0, seen: 0 }
    }

    /// An attempt failed.
    pub(super) fn failed(&mut self, why: &dyn Display, dropped: u64) {
        self.worsen("Las trazas no llegan al colector", Some(why.to_string()), dropped);
    }

    /// A batch was taken, when so many had been lost since the start.
    pub(super) fn exported(&mut self, dropped: u64) {
        let lost_meanwhile = dropped > self.seen;
        self.seen = dropped;
        if lost_meanwhile {
            self.worsen("Se pierden trazas: terminan más de las que el colector recibe", None, dropped);
        } else if std::mem::take(&mut self.is_losing) {
            let lost = dropped.saturating_sub(self.told);
            self.record(LogLevel::Info, "Las trazas llegan de nuevo al colector").field("spans_dropped", lost).emit();
        }
    }

    fn worsen(&mut self, message: &'static str, why: Option<String>, dropped: u64) {
        if std::mem::replace(&mut self.is_losing, true) {
            return;
        }
        self.told = dropped;
        let record = self.record(LogLevel::Warning, message).field("spans_dropped_total", dropped);
        match why {
            Some(why) => record.field("error", why).emit(),
            None => record.emit(),
        }
    }

    fn record(&self, level: LogLevel, message: &'static str) -> Record<'static> {
        Record::new(level, message).target("standards::otel").field("collector", self.collector.clone())
    }
}
