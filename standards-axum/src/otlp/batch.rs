//! Spans that are exported together.

use std::time::Duration;

use opentelemetry_sdk::trace::SpanData;
use tokio::time::{Instant, sleep_until};

use crate::otel::SpanQueue;

/// How many at most: OpenTelemetry's own default.
const MOST: usize = 512;

/// How long the first of them waits for others.
const LINGER: Duration = Duration::from_secs(1);

impl SpanQueue {
    /// The next batch; `None` once there will be none.
    pub(super) async fn batch(&mut self) -> Option<Vec<SpanData>> {
        let mut batch = Vec::new();
        let mut due = None;
        while batch.len() < MOST && self.gather(&mut batch, due).await {
            due = due.or_else(|| Some(Instant::now() + LINGER));
        }
        (!batch.is_empty()).then_some(batch)
    }

    /// Takes what waits, or waits for it until it is `due`; whether there may be more.
    async fn gather(&mut self, batch: &mut Vec<SpanData>, due: Option<Instant>) -> bool {
        let room = MOST.saturating_sub(batch.len());
        tokio::select! {
            biased;
            // The queue is closed, and what is left comes at once.
            () = self.stop.cancelled(), if !self.spans.is_closed() => {
                self.spans.close();
                true
            }
            taken = self.spans.recv_many(batch, room) => taken > 0,
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => false,
        }
    }
}
