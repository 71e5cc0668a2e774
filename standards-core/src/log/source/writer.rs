//! Fields on their way into a record, written as they are told.

use std::borrow::Cow;
use std::time::Duration;

use crate::log::line::Draft;
use crate::value::Value;

/// Takes the fields of a record that [`Record::emit_with`](super::Record::emit_with) writes.
///
/// Of two fields with one name the first stays.
pub struct FieldWriter<'w, 'd>(Kind<'w, 'd>);

enum Kind<'w, 'd> {
    /// Into the line.
    Line(&'w mut Draft<'d>),
    /// For another subscriber, which is told of all fields at once.
    Kept(&'w mut Vec<(Cow<'static, str>, Value)>),
}

impl<'w, 'd> FieldWriter<'w, 'd> {
    pub(super) const fn line(draft: &'w mut Draft<'d>) -> Self {
        Self(Kind::Line(draft))
    }

    /// What is told, kept.
    pub(super) fn kept(fill: impl FnOnce(&mut FieldWriter<'_, '_>)) -> Vec<(Cow<'static, str>, Value)> {
        let mut fields = Vec::new();
        fill(&mut FieldWriter(Kind::Kept(&mut fields)));
        fields
    }

    /// A whole number.
    pub fn unsigned(&mut self, name: &'static str, value: u64) {
        match &mut self.0 {
            Kind::Line(draft) => {
                let name = draft.name(name);
                draft.unsigned(name, value);
            }
            Kind::Kept(fields) => fields.push((name.into(), Value::U64(value))),
        }
    }

    /// A text.
    pub fn text(&mut self, name: &'static str, text: &str) {
        match &mut self.0 {
            Kind::Line(draft) => {
                let name = draft.name(name);
                draft.text(name, text, 0);
            }
            Kind::Kept(fields) => fields.push((name.into(), Value::from(text))),
        }
    }

    /// A time in milliseconds, to the microsecond: `1.25`.
    pub fn milliseconds(&mut self, name: &'static str, time: Duration) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let microseconds = nanoseconds / 1_000 + u64::from(nanoseconds % 1_000 >= 500);
        match &mut self.0 {
            Kind::Line(draft) => {
                let name = draft.name(name);
                draft.thousandths(name, microseconds);
            }
            #[expect(clippy::cast_precision_loss, reason = "exact for the next centuries")]
            Kind::Kept(fields) => fields.push((name.into(), Value::F64(microseconds as f64 / 1e3))),
        }
    }
}
