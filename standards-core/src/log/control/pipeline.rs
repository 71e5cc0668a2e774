//! The one way of a record, whoever speaks: filter, draft, line, sink.

use std::sync::{Arc, OnceLock};

use tracing::level_filters::LevelFilter;

use super::filter::LevelFilters;
use super::levels::Levels;
use crate::log::line::{Draft, Form, Origin, correlation_id};
use crate::log::sink::{Line, LineSink};
use crate::{RequestContext, context};

/// The pipeline of the process, where one is installed.
static INSTALLED: OnceLock<Arc<Pipeline>> = OnceLock::new();

/// Everything that a record passes through.
pub(in crate::log) struct Pipeline {
    form: Form,
    pub(super) levels: Levels,
    sink: Arc<dyn LineSink>,
}

impl Pipeline {
    pub(in crate::log) fn new(form: Form, filters: LevelFilters, sink: Arc<dyn LineSink>) -> Self {
        Self { form, levels: Levels::new(filters), sink }
    }

    /// Makes this the pipeline of the process, unless there is one.
    pub(in crate::log) fn install(self: &Arc<Self>) {
        let _ = INSTALLED.set(Arc::clone(self));
    }

    /// The pipeline of the process.
    pub(in crate::log) fn installed() -> Option<&'static Arc<Self>> {
        INSTALLED.get()
    }

    /// Whether a record of `level` from `target` is written.
    pub(in crate::log) fn enables(&self, target: &str, level: LevelFilter) -> bool {
        self.levels.enable(target, level)
    }

    /// The most verbose level of any module.
    pub(in crate::log) fn most(&self) -> LevelFilter {
        self.levels.filters().most()
    }

    /// Writes one record: `fill` gives its message and fields; `request_of_span` finds the request where the task knows none.
    pub(in crate::log) fn write(
        &self,
        origin: Origin<'_>,
        fill: impl FnOnce(&mut Draft<'_>),
        request_of_span: impl Fn() -> Option<RequestContext>,
    ) {
        Draft::begin(&self.form, origin, |draft| {
            fill(draft);
            context::with_current(|request| match request {
                Some(request) => self.send(draft, Some(request)),
                None => self.send(draft, request_of_span().as_ref()),
            });
        });
    }

    fn send(&self, draft: &mut Draft<'_>, request: Option<&RequestContext>) {
        let (level, correlation_id) = (draft.level(), correlation_id(request));
        self.sink.write(Line { bytes: draft.finish(request), level, correlation_id });
    }

    pub(in crate::log) fn sink(&self) -> &dyn LineSink {
        &*self.sink
    }
}
