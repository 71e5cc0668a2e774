//! Through `tracing` alone, where the process has a subscriber and no layer of ours in it.
//!
//! What is said by hand (an access record, a [`StructuredLogger`](super::StructuredLogger), a panic) becomes an event: the fields of an
//! access record typed and under their names, all others as JSON in `context`. Whatever is told has been masked before.

use std::borrow::Cow;
use std::sync::LazyLock;

use tracing::level_filters::LevelFilter;
use tracing::{Level, Span, event};

use crate::context::{self, REQUEST_SPAN_TARGET};
use crate::level::LogLevel;
use crate::log::control::Pipeline;
use crate::log::line::{Draft, ErrorDetails, Form, LogFormat, Origin};
use crate::log::redact::Redaction;
use crate::value::Value;
use crate::value::bounded::bounded;

/// What access records are filtered by.
const ACCESS: &str = "standards::access";

/// Masks and bounds what is told, as our own log does by default.
static FORM: LazyLock<Form> = LazyLock::new(|| Form::new(LogFormat::Json, &Redaction::default(), "", "", &[]));

type Field = (Cow<'static, str>, Value);

/// A record on its way to somebody else's subscriber.
pub(super) struct Said<'a> {
    pub(super) level: LogLevel,
    pub(super) target: &'a str,
    pub(super) message: &'a str,
    pub(super) fields: &'a [Field],
    pub(super) error: Option<&'a ErrorDetails>,
}

impl Said<'_> {
    /// Emits the event; `false` where the subscriber wants none of that level.
    pub(super) fn emit(&self) -> bool {
        if LevelFilter::current() < LevelFilter::from(self.level) {
            return false;
        }
        let origin = Origin { level: LogLevel::Debug, target: self.target, file: None, line: None, metadata: None };
        Draft::begin(&FORM, origin, |draft| {
            self.fill(draft);
            self.tell(draft.members());
        });
        true
    }

    /// What has no field of its own in the event.
    fn fill(&self, draft: &mut Draft<'_>) {
        for (name, value) in self.fields.iter().filter(|(name, _)| !is_told_apart(name)) {
            draft.value_named(name, value);
        }
        for (name, value) in self.error.iter().flat_map(|error| &error.context) {
            draft.value_named(name, value);
        }
        context::with_current(|request| draft.added(request));
    }

    fn tell(&self, members: Option<String>) {
        let own_span = Span::current().metadata().is_some_and(|metadata| metadata.target() == REQUEST_SPAN_TARGET);
        let id = context::current().filter(|_| !own_span);
        self.event(&Told {
            message: clean(self.message),
            correlation_id: id.as_ref().map(|request| request.correlation_id().as_str()),
            status: self.number("status"),
            duration_ms: self.duration(),
            http_method: self.text("http_method"),
            route: self.text("route"),
            context: members,
            error: self.error.map(Failed::of),
        });
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|field| field.0 == name).map(|field| &field.1)
    }

    fn text(&self, name: &str) -> Option<&str> {
        if let Some(Value::Str(text)) = self.value(name) { Some(text) } else { None }
    }

    fn number(&self, name: &str) -> Option<u64> {
        if let Some(Value::U64(number)) = self.value(name) { Some(*number) } else { None }
    }

    fn duration(&self) -> Option<f64> {
        if let Some(Value::F64(number)) = self.value("duration_ms") { Some(*number) } else { None }
    }
}

fn is_told_apart(name: &str) -> bool {
    ["status", "duration_ms", "http_method", "route"].contains(&name)
}

/// The fields of the event.
struct Told<'a> {
    message: Cow<'a, str>,
    correlation_id: Option<&'a str>,
    status: Option<u64>,
    duration_ms: Option<f64>,
    http_method: Option<&'a str>,
    route: Option<&'a str>,
    context: Option<String>,
    error: Option<Failed<'a>>,
}

struct Failed<'a> {
    kind: &'a str,
    message: Option<Cow<'a, str>>,
    code: Option<&'a str>,
    traceback: Cow<'a, str>,
}

impl<'a> Failed<'a> {
    fn of(details: &'a ErrorDetails) -> Self {
        Self {
            kind: &details.type_name,
            message: details.message.as_deref().map(clean),
            code: details.code,
            traceback: clean(&details.traceback),
        }
    }
}

/// `text` as the log of this process would show it: whoever shows the cause of a failure elsewhere masks it as the log does.
///
/// What is longer than a value of a record may be is cut.
///
/// ```
/// use standards_core::log;
///
/// let cause = "cannot reach postgres://pagos:s3cr3t@db/pagos";
/// assert!(!log::masked(cause).contains("s3cr3t"));
/// ```
#[must_use]
pub fn masked(text: &str) -> String {
    match Pipeline::installed() {
        Some(pipeline) => pipeline.masked(bounded(text).0).into_owned(),
        None => clean(text).into_owned(),
    }
}

fn clean(text: &str) -> Cow<'_, str> {
    FORM.redactor.clean(bounded(text).0)
}

/// An event's target, level and fields stand in the code: one place for each.
macro_rules! tell {
    ($target:expr, $level:ident, $told:expr) => {{
        let Told { message, correlation_id, status, duration_ms, http_method, route, context, error } = $told;
        let at_error = error.as_ref().filter(|_| Level::$level == Level::ERROR);
        event!(
            target: $target,
            Level::$level,
            correlation_id,
            status,
            duration_ms,
            http_method,
            route,
            context,
            error_code = error.as_ref().and_then(|error| error.code),
            "error.type" = at_error.map(|error| error.kind),
            "error.message" = error.as_ref().and_then(|error| error.message.as_deref()),
            traceback = at_error.map(|error| &*error.traceback),
            "{message}"
        );
    }};
}

impl Said<'_> {
    fn event(&self, told: &Told<'_>) {
        match (self.level, self.target == ACCESS) {
            (LogLevel::Error, true) => tell!(ACCESS, ERROR, told),
            (LogLevel::Warning, true) => tell!(ACCESS, WARN, told),
            (LogLevel::Info, true) => tell!(ACCESS, INFO, told),
            (LogLevel::Debug, true) => tell!(ACCESS, DEBUG, told),
            (LogLevel::Error, false) => tell!("standards::log", ERROR, told),
            (LogLevel::Warning, false) => tell!("standards::log", WARN, told),
            (LogLevel::Info, false) => tell!("standards::log", INFO, told),
            (LogLevel::Debug, false) => tell!("standards::log", DEBUG, told),
        }
    }
}
