//! The subscriber of a process whose log is ours: it makes the span of a request when somebody asks for it.
//!
//! Hardly any request has anybody who does, and each would pay for a span that is made, entered with each poll and closed (`scripts/instructions`,
//! row `stack`). Whoever asks cannot tell the difference: the span stands where it would have stood all the time.

use std::any::Any;
use std::cell::Cell;
use std::sync::OnceLock;

use tracing::dispatcher::WeakDispatch;
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Dispatch, Event, Metadata, Span, Subscriber};
use tracing_core::span::Current;

use super::current::ask_for_span;
use super::request_span;

thread_local! {
    /// How many spans of such a subscriber this thread is in.
    static ENTERED: Cell<usize> = const { Cell::new(0) };
}

/// How many spans this thread is in, where its subscriber is one of these.
pub(super) fn entered() -> usize {
    ENTERED.try_with(Cell::get).unwrap_or_default()
}

/// Whether the subscriber in force makes spans for whoever asks.
pub(super) fn is_in_force() -> bool {
    tracing::dispatcher::get_default(Dispatch::is::<LazySpans>)
}

/// The part of a subscriber that is a `T`. What stands around the parts of ours hides them from [`Dispatch::downcast_ref`]: only `unsafe` code may
/// pass that on.
pub(crate) fn part_of<T: Any>(dispatch: &Dispatch) -> Option<&T> {
    match dispatch.downcast_ref::<LazySpans>() {
        Some(LazySpans { inner, .. }) => {
            let inner: &dyn Subscriber = &**inner;
            inner.downcast_ref()
        }
        None => dispatch.downcast_ref(),
    }
}

/// Stands around a subscriber, and makes a request's span before it is asked which span is current.
pub(crate) struct LazySpans {
    inner: Box<dyn Subscriber + Send + Sync>,
    /// The way back here, for spans that are made while the subscriber is being asked: `tracing` lets no other lead to it then.
    dispatch: OnceLock<WeakDispatch>,
}

impl LazySpans {
    pub(crate) fn around(inner: impl Subscriber + Send + Sync) -> Self {
        Self { inner: Box::new(inner), dispatch: OnceLock::new() }
    }

    /// Has the span of the request at hand made and entered, where this is the time.
    fn settle(&self) {
        ask_for_span(|request| {
            let Some(dispatch) = self.dispatch.get().and_then(WeakDispatch::upgrade) else { return Span::none() };
            let span = request_span::root(request, &dispatch);
            span.with_subscriber(|(id, dispatch)| dispatch.enter(id));
            span
        });
    }
}

impl Subscriber for LazySpans {
    fn on_register_dispatch(&self, dispatch: &Dispatch) {
        let _ = self.dispatch.set(dispatch.downgrade());
        self.inner.on_register_dispatch(dispatch);
    }

    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.inner.register_callsite(metadata)
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.inner.enabled(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        self.inner.max_level_hint()
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        if attributes.is_contextual() {
            self.settle();
        }
        self.inner.new_span(attributes)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        self.inner.record(id, values);
    }

    fn record_follows_from(&self, id: &Id, follows: &Id) {
        self.inner.record_follows_from(id, follows);
    }

    fn event_enabled(&self, event: &Event<'_>) -> bool {
        self.inner.event_enabled(event)
    }

    /// An event asks for no span: the task tells whose it is.
    fn event(&self, event: &Event<'_>) {
        self.inner.event(event);
    }

    fn enter(&self, id: &Id) {
        let _ = ENTERED.try_with(|entered| entered.set(entered.get() + 1));
        self.inner.enter(id);
    }

    fn exit(&self, id: &Id) {
        let _ = ENTERED.try_with(|entered| entered.set(entered.get().saturating_sub(1)));
        self.inner.exit(id);
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.inner.clone_span(id)
    }

    fn try_close(&self, id: Id) -> bool {
        self.inner.try_close(id)
    }

    fn current_span(&self) -> Current {
        self.settle();
        self.inner.current_span()
    }
}

#[cfg(test)]
mod tests;
