//! Spans within that of the request at hand, and beside it.

use std::borrow::Cow;
use std::future::Future;
use std::iter;

use opentelemetry::Context;
use opentelemetry::context::FutureExt;
use opentelemetry::trace::{Link, SpanBuilder, SpanContext, SpanKind, TraceContextExt, Tracer};
use opentelemetry_sdk::trace::SdkTracer;
use standards_core::{RequestContext, context};

/// What a request knows of its span; attached to its context.
#[derive(Debug)]
pub(super) struct Traced {
    pub(super) tracer: SdkTracer,
    pub(super) context: Context,
}

/// OpenTelemetry's context at hand: that of the innermost span of this task, else that of the request, also in tasks that were spawned for it.
///
/// Its span takes attributes and events. Where nothing is traced it is empty, and takes them for nobody.
///
/// ```
/// use standards_axum::otel;
/// use standards_axum::otel::opentelemetry::KeyValue;
/// use standards_axum::otel::opentelemetry::trace::TraceContextExt;
///
/// otel::current().span().set_attribute(KeyValue::new("canal", "web"));
/// ```
#[must_use]
pub fn current() -> Context {
    let here = Context::current();
    if here.has_active_span() {
        return here;
    }
    context::with_current(|request| Some(traced(request?)?.context.clone())).unwrap_or(here)
}

/// Does `work` in a span of its own, within the one at hand. Where nothing is traced it is only done.
///
/// Calls that a [`Client`](crate::client::Client) makes meanwhile are within it. The name is one of few: what varies is an attribute
/// ([`current`]).
///
/// ```
/// use standards_axum::otel;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let total = otel::in_span("sumar_saldos", async { 1 + 1 }).await;
/// assert_eq!(total, 2);
/// # });
/// ```
pub fn in_span<F: Future>(name: impl Into<Cow<'static, str>>, work: F) -> impl Future<Output = F::Output> {
    within(child_span(|| SpanBuilder::from_name(name).with_kind(SpanKind::Internal)), work)
}

/// The span of work that several requests share, a batch of a queue: a root, linked to the spans of the requests and they to it.
///
/// It is recorded where one of the requests is; where none is, there is none, and the work is only done. There are 128 links at most, and how many
/// were left out is told.
///
/// ```
/// use standards_axum::core::{CorrelationId, RequestContext};
/// use standards_axum::otel::SharedSpan;
/// use standards_axum::otel::opentelemetry::trace::SpanBuilder;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let waiting = [RequestContext::new(CorrelationId::generate(), "/pagos", "POST")];
/// let span = SharedSpan::begin(&waiting, || SpanBuilder::from_name("conciliar lote"));
/// assert_eq!(span.around(async { 7 }).await, 7);
/// # });
/// ```
#[derive(Debug)]
#[must_use = "it ends when it is dropped"]
pub struct SharedSpan(Option<Context>);

impl SharedSpan {
    /// Begins the span that `span` describes, for `requests`; it is not asked where none of them is recorded.
    pub fn begin<'r>(requests: impl IntoIterator<Item = &'r RequestContext>, span: impl FnOnce() -> SpanBuilder) -> Self {
        let is_sampled = |traced: &&Traced| traced.context.span().span_context().is_sampled();
        let mut sharing = requests.into_iter().filter_map(traced).filter(is_sampled);
        Self(sharing.next().map(|first| shared(span(), first, sharing)))
    }

    /// Does `work` in it; while that is polled, the span is the [`current`] one.
    pub async fn around<F: Future>(self, work: F) -> F::Output {
        within(self.0, work).await
    }
}

fn shared<'t>(mut span: SpanBuilder, first: &'t Traced, others: impl Iterator<Item = &'t Traced>) -> Context {
    let sharing: Vec<_> = iter::once(first).chain(others).collect();
    let link = |traced: &&Traced| Link::with_context(traced.context.span().span_context().clone());
    span.links = Some(sharing.iter().map(link).collect());
    let context = Context::new().with_span(first.tracer.build_with_context(span, &Context::new()));
    for traced in &sharing {
        traced.context.span().add_link(context.span().span_context().clone(), Vec::new());
    }
    context
}

async fn within<F: Future>(span: Option<Context>, work: F) -> F::Output {
    let Some(context) = span else { return work.await };
    let output = work.with_context(context.clone()).await;
    context.span().end();
    output
}

/// The span that `span` describes, within the one at hand; none where nothing is traced.
pub(crate) fn child_span(span: impl FnOnce() -> SpanBuilder) -> Option<Context> {
    let tracer = context::with_current(|request| Some(traced(request?)?.tracer.clone()))?;
    let parent = current();
    Some(parent.with_span(tracer.build_with_context(span(), &parent)))
}

fn traced(request: &RequestContext) -> Option<&Traced> {
    request.attached()
}

/// The header that names a span to whoever is called (W3C Trace Context, section 3.2).
pub(crate) fn traceparent(span: &SpanContext) -> String {
    format!("00-{}-{}-{:02x}", span.trace_id(), span.span_id(), span.trace_flags())
}
