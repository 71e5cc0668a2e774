//! Arbitrary records: whatever is logged, one line that keeps the contract comes out.
//!
//! `cargo +nightly fuzz run record` in `standards-core`.

#![no_main]

use std::borrow::Cow;
use std::sync::{Arc, Mutex};

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use standards_core::log::capture::problems_of;
use standards_core::log::{Line, LineSink, LogFormat, LogLevel, LogOptions, Record, RecordLayer, Value};
use standards_core::{CorrelationId, RequestContext, context};
use tracing_subscriber::layer::SubscriberExt;

/// A record, and the request on whose behalf it is written.
#[derive(Arbitrary, Debug)]
struct Event<'a> {
    is_error: bool,
    is_ecs: bool,
    endpoint: &'a str,
    http_method: &'a str,
    target: &'a str,
    message: &'a str,
    fields: Vec<(&'a str, Field<'a>)>,
    cause: Option<&'a str>,
}

#[derive(Arbitrary, Debug)]
enum Field<'a> {
    Null,
    Bool(bool),
    I64(i64),
    U64(u64),
    F64(f64),
    Text(&'a str),
    Long(&'a str, u16),
    List(Vec<Field<'a>>),
    Map(Vec<(&'a str, Field<'a>)>),
}

impl From<&Field<'_>> for Value {
    fn from(field: &Field<'_>) -> Self {
        match field {
            Field::Null => Self::Null,
            Field::Bool(value) => Self::Bool(*value),
            Field::I64(value) => Self::I64(*value),
            Field::U64(value) => Self::U64(*value),
            Field::F64(value) => Self::F64(*value),
            Field::Text(text) => Self::Str(Cow::Owned((*text).to_owned())),
            Field::Long(text, times) => Self::Str(Cow::Owned(text.repeat(usize::from(*times)))),
            Field::List(values) => Self::List(values.iter().map(Self::from).collect()),
            Field::Map(entries) => {
                Self::Map(entries.iter().map(|(name, value)| ((*name).to_owned().into(), value.into())).collect())
            }
        }
    }
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<Vec<u8>>>>);

impl LineSink for Lines {
    fn write(&self, line: Line<'_>) {
        self.0.lock().unwrap().push(line.bytes.to_vec());
    }
}

fuzz_target!(|event: Event<'_>| {
    let lines = Lines::default();
    let format = if event.is_ecs { LogFormat::Ecs } else { LogFormat::Json };
    let layer = RecordLayer::new(&LogOptions::new("fuzz", "1").with_format(format), lines.clone());
    let path = event.endpoint.split('?').next().unwrap_or_default();
    let request = RequestContext::new(CorrelationId::parse("fuzz").unwrap(), path, event.http_method);
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        context::sync_scope(request, || write(&event));
    });
    let lines = lines.0.lock().unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!(problems_of(&lines[0]), Vec::<String>::new(), "{}", String::from_utf8_lossy(&lines[0]));
});

fn write(event: &Event<'_>) {
    let level = if event.is_error { LogLevel::Error } else { LogLevel::Info };
    let fields = event.fields.iter().map(|(name, field)| ((*name).to_owned(), Value::from(field)));
    let record = Record::new(level, event.message).target(event.target).fields(fields);
    match event.cause {
        Some(cause) => record.error(&std::io::Error::other(cause)).emit(),
        None => record.emit(),
    }
}
