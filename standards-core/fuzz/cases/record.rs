//! Arbitrary records: whatever is logged, one line that keeps the contract comes out.
//!
//! The input is texts, each ended by a byte 0xFF, which no UTF-8 holds; what is no UTF-8 between them is read with replacement
//! characters, as a service reads it. First come the form (`ecs`, `error`), endpoint, verb, target, message and cause (none where it
//! is empty), then the fields until the input ends: a name and a value. A value begins with its kind: `s` a text, `r` a text and how
//! often it is repeated, `i`, `u` and `d` a number as text, `t` and `f`, `[` values up to `]`, `{` names and values up to `}`, else
//! nothing. So a corpus can be read and written by hand.

use std::str::FromStr;
use std::sync::{Arc, Mutex};

use standards_core::log::capture::problems_of;
use standards_core::log::{Line, LineSink, LogFormat, LogLevel, LogOptions, Record, RecordLayer, Value};
use standards_core::{CorrelationId, RequestContext, context};
use tracing_subscriber::layer::SubscriberExt;

/// Deeper than any record shows; a deeper input is cut, so that reading it needs no deep stack.
const MAX_DEPTH: u32 = 200;
/// So often a text is repeated at most.
const MAX_TIMES: usize = 5_000;

/// A record, and the request on whose behalf it is written.
struct Event {
    form: String,
    endpoint: String,
    http_method: String,
    target: String,
    message: String,
    cause: String,
    fields: Vec<(String, Value)>,
}

/// Writes the record that `data` describes; panics unless it is one valid line, which is returned.
pub(crate) fn check(data: &[u8]) -> String {
    let event = Input(data).event();
    let lines = Lines::default();
    let format = if event.form.contains("ecs") { LogFormat::Ecs } else { LogFormat::Json };
    let layer = RecordLayer::new(&LogOptions::new("fuzz", "1").with_format(format), lines.clone());
    let path = event.endpoint.split('?').next().unwrap_or_default();
    let request = RequestContext::new(CorrelationId::parse("fuzz").unwrap(), path, &event.http_method);
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        context::sync_scope(request, || write(event));
    });
    let mut lines = lines.0.lock().unwrap();
    assert_eq!(lines.len(), 1);
    let line = lines.remove(0);
    assert_eq!(problems_of(&line), Vec::<String>::new(), "{}", String::from_utf8_lossy(&line));
    String::from_utf8(line).unwrap()
}

fn write(event: Event) {
    let level = if event.form.contains("error") { LogLevel::Error } else { LogLevel::Info };
    let record = Record::new(level, event.message.as_str()).target(&event.target).fields(event.fields);
    match event.cause.as_str() {
        "" => record.emit(),
        cause => record.error(&std::io::Error::other(cause)).emit(),
    }
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<Vec<u8>>>>);

impl LineSink for Lines {
    fn write(&self, line: Line<'_>) {
        self.0.lock().unwrap().push(line.bytes.to_vec());
    }
}

/// What has not been read yet.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn event(&mut self) -> Event {
        Event {
            form: self.text(),
            endpoint: self.text(),
            http_method: self.text(),
            target: self.text(),
            message: self.text(),
            cause: self.text(),
            fields: self.entries(0),
        }
    }

    /// Names and values up to `}` or the end.
    fn entries(&mut self, depth: u32) -> Vec<(String, Value)> {
        let mut entries = Vec::new();
        while !self.ends_with(b'}') {
            entries.push((self.text(), self.value(depth)));
        }
        entries
    }

    fn list(&mut self, depth: u32) -> Vec<Value> {
        let mut values = Vec::new();
        while !self.ends_with(b']') {
            values.push(self.value(depth));
        }
        values
    }

    fn value(&mut self, depth: u32) -> Value {
        match self.byte() {
            Some(b's') => Value::Str(self.text().into()),
            Some(b'r') => {
                let text = self.text();
                Value::Str(text.repeat(self.number::<usize>().min(MAX_TIMES)).into())
            }
            Some(b'i') => Value::I64(self.number()),
            Some(b'u') => Value::U64(self.number()),
            Some(b'd') => Value::F64(self.number()),
            Some(kind @ (b't' | b'f')) => Value::Bool(kind == b't'),
            Some(b'[') if depth < MAX_DEPTH => Value::List(self.list(depth + 1)),
            Some(b'{') if depth < MAX_DEPTH => {
                Value::Map(self.entries(depth + 1).into_iter().map(|(name, value)| (name.into(), value)).collect())
            }
            _ => Value::Null,
        }
    }

    fn number<T: FromStr + Default>(&mut self) -> T {
        self.text().parse().unwrap_or_default()
    }

    /// Up to the next 0xFF, or to the end.
    fn text(&mut self) -> String {
        let mut parts = self.0.splitn(2, |byte| *byte == 0xFF);
        let text = String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
        self.0 = parts.next().unwrap_or_default();
        text
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// Whether the input ends here, or `end` stands here, which is taken.
    fn ends_with(&mut self, end: u8) -> bool {
        match self.0.split_first() {
            Some((first, rest)) if *first == end => {
                self.0 = rest;
                true
            }
            next => next.is_none(),
        }
    }
}
