//! The `tracing` span of a request.

use tracing::subscriber::Interest;
use tracing::{Dispatch, Level, Metadata, Span};
use tracing_core::callsite::Callsite;
use tracing_core::field::Value;
use tracing_core::{Kind, metadata};

use super::RequestContext;
use super::current::{awaits_span, sync_scope};
use super::lazy_spans::{entered, is_in_force};

/// The target of the span around each request. No level filter may switch it off: threads that know no task-local, such as a
/// database driver's worker, find the request through it.
pub(crate) const REQUEST_SPAN_TARGET: &str = "standards::request";

/// In which span a request is worked on.
#[derive(Debug)]
pub(super) enum RequestSpan {
    /// This one; or none.
    Open(Span),
    /// One that is made when somebody asks for it: on the thread to which the request is lent, unless a span has been entered there since it was
    /// in so many.
    Unasked { outside: usize },
}

impl RequestSpan {
    pub(super) const fn none() -> Self {
        Self::Open(Span::none())
    }

    /// This span, or where it is none that of `request`.
    pub(super) fn in_place_of(span: Span, request: &RequestContext) -> Self {
        if span.is_none() { Self::of(request) } else { Self::Open(span) }
    }

    /// The span of `request`: made at once where it is the child of another one, or where the subscriber in force is somebody else's.
    fn of(request: &RequestContext) -> Self {
        if is_in_force() && entered() == 0 && !awaits_span() {
            Self::Unasked { outside: 0 }
        } else {
            // Other layers of the subscriber know the request by this field; ours does not read it.
            let id = || tracing::error_span!(target: REQUEST_SPAN_TARGET, "request", correlation_id = request.correlation_id().as_str());
            Self::Open(sync_scope(request.clone(), id))
        }
    }

    /// Whether it is yet to be made.
    pub(super) const fn is_unasked(&self) -> bool {
        matches!(self, Self::Unasked { .. })
    }

    /// Whether whoever asks now is to be in it.
    pub(super) fn is_due(&self) -> bool {
        matches!(self, Self::Unasked { outside } if entered() <= *outside)
    }

    /// The request is about to be lent to this thread.
    pub(super) fn begin(&mut self) {
        if let Self::Unasked { outside } = self {
            *outside = entered();
        }
    }

    /// Leaves the span that was made while the request was lent.
    pub(super) fn end(&self) {
        if let Self::Open(span) = self {
            span.with_subscriber(|(id, dispatch)| dispatch.exit(id));
        }
    }
}

/// The same span as the macro's, by way of `dispatch`.
pub(super) fn root(request: &RequestContext, dispatch: &Dispatch) -> Span {
    let fields = METADATA.fields();
    let Some(id) = fields.field("correlation_id") else { return Span::none() };
    let value = request.correlation_id().as_str();
    Span::new_root_with(&METADATA, &fields.value_set(&[(&id, Some(&value as &dyn Value))]), dispatch)
}

struct RequestCallsite;

static CALLSITE: RequestCallsite = RequestCallsite;

static METADATA: Metadata<'static> = metadata! {
    name: "request",
    target: REQUEST_SPAN_TARGET,
    level: Level::ERROR,
    fields: &["correlation_id"],
    callsite: &CALLSITE,
    kind: Kind::SPAN,
};

impl Callsite for RequestCallsite {
    /// It is made under any.
    fn set_interest(&self, _: Interest) {}

    fn metadata(&self) -> &Metadata<'_> {
        &METADATA
    }
}
