//! The one way of a record, whoever speaks: filter, draft, line, sink.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use tracing::level_filters::LevelFilter;

use super::filter::LevelFilters;
use super::levels::Levels;
#[cfg(debug_assertions)]
use super::stray;
use super::tally::{LoggedPlace, Tally};
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
    tally: Tally,
    #[cfg(debug_assertions)]
    strays: stray::Strays,
}

/// The `tracing` spans around a record.
pub(in crate::log) trait Spans {
    /// The request whose span is among them.
    fn request(&self) -> Option<RequestContext>;

    /// Adds the fields of those that are `request`'s, or the process's.
    fn fields(&self, request: Option<&RequestContext>, draft: &mut Draft<'_>);
}

/// None.
impl Spans for () {
    fn request(&self) -> Option<RequestContext> {
        None
    }

    fn fields(&self, _: Option<&RequestContext>, _: &mut Draft<'_>) {}
}

impl Pipeline {
    pub(in crate::log) fn new(form: Form, filters: LevelFilters, sink: Arc<dyn LineSink>) -> Self {
        Self {
            form,
            levels: Levels::new(filters),
            sink,
            tally: Tally::default(),
            #[cfg(debug_assertions)]
            strays: stray::Strays::default(),
        }
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

    /// Whether the service's own code stands there.
    pub(in crate::log) fn is_of_service(&self, target: &str, file: Option<&str>) -> bool {
        self.form.is_of_service(target, file)
    }

    /// Writes one record: `fill` gives its message and fields; `spans` find the request where the task knows none.
    pub(in crate::log) fn write(&self, origin: Origin<'_>, fill: impl FnOnce(&mut Draft<'_>), spans: &impl Spans) {
        let has_request = Draft::begin(&self.form, origin, |draft| {
            fill(draft);
            context::with_task(|request| match request {
                Some(request) => self.send(draft, Some(request), spans),
                None => self.send(draft, spans.request().as_ref(), spans),
            })
        });
        self.watch(origin, has_request);
    }

    /// Whether it was sent on behalf of a request.
    fn send(&self, draft: &mut Draft<'_>, request: Option<&RequestContext>, spans: &impl Spans) -> bool {
        if request.is_none_or(RequestContext::has_span_fields) {
            spans.fields(request, draft);
        }
        self.finish(draft, request);
        request.is_some()
    }

    fn finish(&self, draft: &mut Draft<'_>, request: Option<&RequestContext>) {
        let (origin, correlation_id) = (draft.origin(), correlation_id(request));
        let bytes = draft.finish(request);
        self.tally.count(origin, bytes.len());
        self.sink.write(Line { bytes, level: origin.level, correlation_id });
    }

    #[cfg(not(debug_assertions))]
    fn watch(&self, _: Origin<'_>, _: bool) {}

    /// Tells, once for each line, of a record that lost its request.
    #[cfg(debug_assertions)]
    fn watch(&self, origin: Origin<'_>, has_request: bool) {
        let is_lost = !has_request && self.is_of_service(origin.target, origin.file) && context::is_stray();
        if is_lost && self.enables(stray::TARGET, LevelFilter::WARN) && self.strays.is_new(origin) {
            Draft::begin(&self.form, stray::origin_of(origin), |draft| {
                stray::fill(draft, origin);
                self.finish(draft, None);
            });
        }
    }

    /// `text` without what must not be shown.
    pub(in crate::log) fn masked<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.form.redactor.clean(text)
    }

    /// What each place has written.
    pub(super) fn places(&self) -> Vec<LoggedPlace> {
        self.tally.places()
    }

    pub(in crate::log) fn sink(&self) -> &dyn LineSink {
        &*self.sink
    }
}
