//! The one way of a record, whoever speaks: filter, draft, line, sink.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use tracing::Dispatch;
use tracing::level_filters::LevelFilter;

use crate::level::LogLevel;
use crate::log::control::levels::Levels;
use crate::log::line::draft::{Draft, Origin, REPEATED};
use crate::log::line::format::LogFormat;
use crate::log::line::identity::Identity;
use crate::log::line::parts::Parts;
use crate::log::line::{ecs, json, pretty, scratch};
use crate::log::options::LogOptions;
use crate::log::redact::Redactor;
use crate::log::sink::{Line, LineSink};
use crate::log::source::tracing::RecordLayer;
use crate::log::suppress::Suppressor;
use crate::value::Value;
use crate::{RequestContext, context};

/// The pipeline of the process, where one is installed.
static INSTALLED: OnceLock<Arc<Pipeline>> = OnceLock::new();

/// Everything that a record passes through.
pub(in crate::log) struct Pipeline {
    pub(in crate::log) identity: Identity,
    pub(in crate::log) format: LogFormat,
    pub(in crate::log) redactor: Redactor,
    pub(in crate::log) levels: Levels,
    pub(in crate::log) suppressor: Option<Suppressor>,
    sink: Arc<dyn LineSink>,
}

impl Pipeline {
    pub(in crate::log) fn new(options: &LogOptions, sink: Arc<dyn LineSink>) -> Self {
        Self {
            identity: Identity::new(&options.artifact, &options.version, &options.own_crates),
            format: options.format,
            redactor: Redactor::new(&options.redaction),
            levels: Levels::new(options.filters.clone()),
            suppressor: options.repeat_window.map(Suppressor::new),
            sink,
        }
    }

    /// Makes this the pipeline of the process, unless there is one.
    pub(in crate::log) fn install(self: &Arc<Self>) {
        let _ = INSTALLED.set(Arc::clone(self));
    }

    /// Whether a record of `level` from `target` is written.
    pub(in crate::log) fn enables(&self, target: &str, level: LevelFilter) -> bool {
        self.levels.enable(target, level)
    }

    /// Writes one record: `fill` gives its message and fields; `request_of_span` finds the request where the task knows none.
    pub(in crate::log) fn write(
        &self,
        origin: Origin<'_>,
        fill: impl FnOnce(&mut Draft<'_>),
        request_of_span: impl Fn() -> Option<RequestContext>,
    ) {
        scratch::with(|scratch| {
            let mut draft = Draft::new(self, scratch, origin);
            fill(&mut draft);
            context::with_current(|request| match request {
                Some(request) => draft.finish(Some(request)),
                None => draft.finish(request_of_span().as_ref()),
            });
        });
        self.tell_repeated(false);
    }

    /// Tells of records that were held back and did not come again; of all of them at the `end`.
    pub(in crate::log) fn tell_repeated(&self, end: bool) {
        let Some(suppressor) = &self.suppressor else { return };
        for ended in suppressor.ended(Instant::now(), end) {
            let origin = Origin { level: ended.level, target: &ended.target, file: None, line: None };
            let fill = |draft: &mut Draft<'_>| {
                draft.finished_message(&ended.message);
                draft.value(REPEATED, &Value::U64(ended.repeated));
            };
            self.write(origin, fill, || None);
        }
    }

    /// The record's `logger`: for developers, and for modules that are not ours.
    pub(in crate::log) fn logger_of<'a>(&self, origin: &Origin<'a>) -> Option<&'a str> {
        let named = origin.level == LogLevel::Debug || !self.identity.owns(origin.target);
        (named && !origin.target.is_empty()).then_some(origin.target)
    }

    /// Makes the line in `line` and hands it over.
    pub(in crate::log) fn send(&self, line: &mut Vec<u8>, parts: &Parts<'_>) {
        line.clear();
        match self.format {
            LogFormat::Json => json::write(line, parts),
            LogFormat::Ecs => ecs::write(line, parts),
            LogFormat::Pretty => pretty::write(line, parts),
        }
        self.sink.write(Line { bytes: line, level: parts.level, correlation_id: parts.correlation_id });
    }

    pub(in crate::log) fn sink(&self) -> &dyn LineSink {
        &*self.sink
    }
}

/// The pipeline of the process.
pub(in crate::log) fn installed() -> Option<Arc<Pipeline>> {
    INSTALLED.get().cloned()
}

/// Hands the pipeline at hand to `work`, and the dispatcher whose spans tell of the request: that in force, else that of the process.
pub(in crate::log) fn with_current(work: impl Fn(&Pipeline, &Dispatch)) {
    let done = tracing::dispatcher::get_default(|dispatch| match dispatch.downcast_ref::<RecordLayer>() {
        Some(layer) => {
            work(layer.pipeline(), dispatch);
            true
        }
        None => false,
    });
    if !done && let Some(pipeline) = INSTALLED.get() {
        work(pipeline, &Dispatch::none());
    }
}
