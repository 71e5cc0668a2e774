//! What the spans around a record tell of it: whose it is, and the fields of the service's own.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Record};
use tracing::{Dispatch, Event, Subscriber};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, Registry, SpanRef};

use crate::RequestContext;
use crate::context::{of_span, of_span_in, of_task, part_of, within_bounds};
use crate::error_chain::chain_of;
use crate::log::control::Spans;
use crate::log::line::Draft;
use crate::value::Value;
use crate::value::bounded::Bounded;

/// Whether any span of the process has fields.
static ANY: AtomicBool = AtomicBool::new(false);

/// The fields of a span, and whose they are.
struct SpanFields {
    request: Option<RequestContext>,
    /// Whether it is the request's first, that of an instrumented handler: what it says is said of the whole request.
    is_first: bool,
    fields: Vec<(Cow<'static, str>, Value)>,
}

/// Keeps the fields of a new span for the records within it.
pub(super) fn keep_fields<'a, R: LookupSpan<'a>>(attributes: &Attributes<'_>, span: Option<SpanRef<'a, R>>) {
    let Some(span) = span else { return };
    let request = of_task().or_else(|| of_span(&span));
    let is_first = request.as_ref().is_some_and(RequestContext::note_span_fields);
    ANY.store(true, Ordering::Relaxed);
    let mut kept = SpanFields { request, is_first, fields: Vec::new() };
    attributes.record(&mut kept);
    kept.tell_request(&kept.fields);
    span.extensions_mut().insert(kept);
}

/// Keeps those that a span is given later.
pub(super) fn record_fields<'a, R: LookupSpan<'a>>(values: &Record<'_>, span: Option<SpanRef<'a, R>>) {
    let Some(span) = span else { return };
    // Formatted before the span is locked: a value may log.
    let mut later = SpanFields { request: None, is_first: false, fields: Vec::new() };
    values.record(&mut later);
    if let Some(kept) = span.extensions_mut().get_mut::<SpanFields>() {
        kept.tell_request(&later.fields);
        later.fields.into_iter().for_each(|(name, value)| kept.set(name, value));
    }
}

/// Adds the fields of every span from here outwards that belongs to `request`; the innermost of a name stays.
fn write_fields<'a, R: LookupSpan<'a>>(innermost: &SpanRef<'a, R>, request: Option<&RequestContext>, draft: &mut Draft<'_>) {
    for span in innermost.scope() {
        let extensions = span.extensions();
        let kept = extensions.get::<SpanFields>().filter(|kept| kept.is_of(request));
        kept.into_iter().flat_map(|kept| &kept.fields).for_each(|field| draft.member(field));
    }
}

impl SpanFields {
    fn is_of(&self, request: Option<&RequestContext>) -> bool {
        match (&self.request, request) {
            (Some(own), Some(request)) => own.is(request),
            (own, request) => own.is_none() && request.is_none(),
        }
    }

    /// So that records outside the span have them too: the access record above all.
    fn tell_request(&self, fields: &[(Cow<'static, str>, Value)]) {
        if let Some(request) = self.request.as_ref().filter(|_| self.is_first) {
            fields.iter().for_each(|(name, value)| request.add(name.clone(), value.clone()));
        }
    }

    fn set(&mut self, name: Cow<'static, str>, value: Value) {
        match self.fields.iter_mut().find(|(earlier, _)| *earlier == name) {
            Some((_, earlier)) => *earlier = value,
            None => self.fields.push((name, value)),
        }
    }

    /// A span's `message` is no field.
    fn keep(&mut self, field: &Field, value: Value) {
        if let Some(value) = within_bounds(value).filter(|_| field.name() != "message") {
            self.set(field.name().into(), value);
        }
    }
}

impl Visit for SpanFields {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.keep(field, Value::I64(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.keep(field, Value::U64(value));
    }

    /// A number where it fits into 64 bits, else a text: most readers would round it.
    fn record_i128(&mut self, field: &Field, value: i128) {
        self.keep(field, i64::try_from(value).map_or_else(|_| Value::from(value.to_string()), Value::I64));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.keep(field, u64::try_from(value).map_or_else(|_| Value::from(value.to_string()), Value::U64));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.keep(field, Value::F64(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.keep(field, Value::Bool(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.keep(field, Value::from(value));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.keep(field, Value::from(chain_of(&value, value.source())));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = Bounded::default();
        text.format(format_args!("{value:?}"));
        self.keep(field, Value::from(text.parts().0));
    }
}

/// The spans around an event.
pub(super) struct OfEvent<'a, S> {
    context: &'a Context<'a, S>,
    event: &'a Event<'a>,
}

impl<'a, S> OfEvent<'a, S> {
    pub(super) const fn new(context: &'a Context<'a, S>, event: &'a Event<'a>) -> Self {
        Self { context, event }
    }
}

impl<S: Subscriber + for<'lookup> LookupSpan<'lookup>> Spans for OfEvent<'_, S> {
    fn request(&self) -> Option<RequestContext> {
        self.context.event_span(self.event).and_then(|span| of_span(&span))
    }

    fn fields(&self, request: Option<&RequestContext>, draft: &mut Draft<'_>) {
        if let Some(span) = any().then(|| self.context.event_span(self.event)).flatten() {
            write_fields(&span, request, draft);
        }
    }
}

/// The spans that this thread is in, for records that are no `tracing` events.
pub(super) struct OfThread<'a>(pub(super) &'a Dispatch);

impl Spans for OfThread<'_> {
    fn request(&self) -> Option<RequestContext> {
        of_span_in(self.0)
    }

    fn fields(&self, request: Option<&RequestContext>, draft: &mut Draft<'_>) {
        let registry = any().then(|| part_of::<Registry>(self.0)).flatten();
        let Some(registry) = registry else { return };
        let current = registry.current_span();
        if let Some(span) = current.id().and_then(|id| registry.span(id)) {
            write_fields(&span, request, draft);
        }
    }
}

fn any() -> bool {
    ANY.load(Ordering::Relaxed)
}
