//! What the `log` crate says through `tracing-log`, in a subscriber that somebody else installed.

use std::fmt;

use tracing::Event;
use tracing::field::{Field, Visit};

use super::tracing::level_of;
use crate::log::control::{Pipeline, Spans};
use crate::log::line::{Draft, Origin};

/// Writes it as the record that it is.
pub(super) fn write(pipeline: &Pipeline, event: &Event<'_>, spans: &impl Spans) {
    let mut said = Said::default();
    event.record(&mut said);
    let level = level_of(*event.metadata().level());
    let origin = Origin { level, target: &said.target, file: said.file.as_deref(), line: said.line, metadata: None };
    pipeline.write(origin, |draft| event.record(&mut Message(draft)), spans);
}

/// The fields of such an event, its message aside.
#[derive(Default)]
struct Said {
    target: String,
    file: Option<String>,
    line: Option<u32>,
}

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "log.target" => value.clone_into(&mut self.target),
            "log.file" => self.file = Some(value.to_owned()),
            _ => {}
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "log.line" {
            self.line = value.try_into().ok();
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

/// The sentence alone.
struct Message<'a, 'b>(&'a mut Draft<'b>);

impl Visit for Message<'_, '_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0.message(format_args!("{value:?}"));
        }
    }
}
