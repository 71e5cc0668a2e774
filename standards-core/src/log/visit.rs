//! An event's fields, as `tracing` hands them out.

use std::error::Error;
use std::fmt;

use tracing::Metadata;
use tracing::field::{Field, Visit};

use super::draft::Draft;
use super::error_text::ErrorDetails;
use super::level::LogLevel;
use super::names::Name;
use crate::error_chain::chain_of;

/// Passes each field on to the draft.
pub(super) struct EventVisitor<'a, 'b> {
    draft: &'a mut Draft<'b>,
    metadata: &'a Metadata<'a>,
}

impl<'a, 'b> EventVisitor<'a, 'b> {
    pub(super) const fn new(draft: &'a mut Draft<'b>, metadata: &'a Metadata<'a>) -> Self {
        Self { draft, metadata }
    }

    /// Writes a field, or the message.
    fn field(&mut self, field: &Field, write: impl FnOnce(&mut Draft<'b>, Name<'_>), as_message: fmt::Arguments<'_>) {
        if field.name() == "message" {
            self.draft.message(as_message);
        } else {
            let name = self.draft.name(field.name());
            write(self.draft, name);
        }
    }
}

impl Visit for EventVisitor<'_, '_> {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.field(field, |draft, name| draft.fields().signed(name, value), format_args!("{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.field(field, |draft, name| draft.fields().unsigned(name, value), format_args!("{value}"));
    }

    /// A number where it fits into 64 bits, else a text: most readers would round it.
    fn record_i128(&mut self, field: &Field, value: i128) {
        match (i64::try_from(value), u64::try_from(value)) {
            (Ok(value), _) => self.record_i64(field, value),
            (_, Ok(value)) => self.record_u64(field, value),
            _ => self.record_debug(field, &format_args!("{value}")),
        }
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        match u64::try_from(value) {
            Ok(value) => self.record_u64(field, value),
            Err(_) => self.record_debug(field, &format_args!("{value}")),
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.field(field, |draft, name| draft.fields().float(name, value), format_args!("{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.field(field, |draft, name| draft.fields().boolean(name, value), format_args!("{value}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.field(field, |draft, name| draft.fields().text(name, value, 0), format_args!("{value}"));
    }

    /// At ERROR an error is the record's `error`; below it, a text with its causes.
    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let chain = chain_of(&value, value.source());
        if self.draft.level() == LogLevel::Error {
            let mut details = ErrorDetails::of_place("Error", self.metadata.file(), self.metadata.line());
            details.message = Some(chain);
            self.draft.error(&details);
        } else {
            self.record_str(field, &chain);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let value = format_args!("{value:?}");
        self.field(field, |draft, name| draft.formatted(name, value), value);
    }
}
