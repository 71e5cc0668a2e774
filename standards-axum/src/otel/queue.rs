//! Spans that have ended, until they are exported: bounded, and nobody waits for room.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio_util::sync::CancellationToken;

use super::conventions::attribute::PROBE;

/// How many spans wait at most: OpenTelemetry's own default.
pub(crate) const ROOM: usize = 2048;

/// What became of the spans that are recorded.
#[derive(Debug, Default)]
pub(crate) struct SpanCounts {
    ended: AtomicU64,
    exported: AtomicU64,
    dropped: AtomicU64,
}

impl SpanCounts {
    pub(crate) fn exported(&self) -> u64 {
        self.exported.load(Ordering::Relaxed)
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    pub(crate) fn tell_exported(&self, spans: u64) {
        self.exported.fetch_add(spans, Ordering::Relaxed);
    }

    pub(crate) fn tell_dropped(&self, spans: u64) {
        self.dropped.fetch_add(spans, Ordering::Relaxed);
    }

    /// Counts as lost what has ended and is neither exported nor lost; how many those are.
    pub(super) fn drop_pending(&self) -> u64 {
        let pending = self.ended.load(Ordering::Relaxed).saturating_sub(self.exported() + self.dropped());
        self.tell_dropped(pending);
        pending
    }
}

/// The end of the queue at which spans are exported.
pub(crate) struct SpanQueue {
    pub(crate) spans: Receiver<SpanData>,
    pub(crate) counts: Arc<SpanCounts>,
    /// Cancelled when what is left is to be exported at once, and nothing comes after it.
    pub(crate) stop: CancellationToken,
}

/// The end at which they come in.
#[derive(Debug)]
pub(super) struct QueueProcessor {
    spans: Sender<SpanData>,
    counts: Arc<SpanCounts>,
}

pub(super) fn queue() -> (QueueProcessor, SpanQueue) {
    let ((sender, spans), counts) = (mpsc::channel(ROOM), Arc::<SpanCounts>::default());
    (QueueProcessor { spans: sender, counts: counts.clone() }, SpanQueue { spans, counts, stop: CancellationToken::new() })
}

impl SpanProcessor for QueueProcessor {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        if !span.span_context.is_sampled() || span.attributes.iter().any(|attribute| attribute.key.as_str() == PROBE) {
            return;
        }
        self.counts.ended.fetch_add(1, Ordering::Relaxed);
        if self.spans.try_send(span).is_err() {
            self.counts.tell_dropped(1);
        }
    }

    /// Whoever exports does so soon by itself.
    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{Tracer as _, TracerProvider as _};
    use opentelemetry_sdk::trace::SdkTracerProvider;

    use super::*;

    #[test]
    fn what_finds_no_room_is_counted_and_nobody_waits() {
        let (processor, mut queue) = queue();
        let provider = SdkTracerProvider::builder().with_span_processor(processor).build();
        let tracer = provider.tracer("t");
        (0..ROOM + 7).for_each(|_| drop(tracer.start("a")));
        assert_eq!((queue.spans.len(), queue.counts.dropped(), queue.counts.exported()), (ROOM, 7, 0));
        queue.spans.close();
        drop(tracer.start("late"));
        assert_eq!(queue.counts.dropped(), 8);
        queue.counts.tell_exported(48);
        assert_eq!((queue.counts.drop_pending(), queue.counts.dropped()), (ROOM as u64 - 48, ROOM as u64 - 40));
    }
}
