//! Where a record came from, for whoever reads why an assertion failed.

use std::cell::Cell;
use std::fmt;

use serde::Serialize;
use tracing::{Event, Metadata, Subscriber};
use tracing_serde::AsSerde;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::{LookupSpan, Scope};

thread_local! {
    /// Of the event whose record comes next on this thread.
    static NEXT: Cell<Origin> = const { Cell::new(Origin { event: None, spans: Vec::new() }) };
}

/// The place in the code that logged, and the spans it was in, the outermost first. A record that is no `tracing` event has none.
#[derive(Clone, Debug, Default)]
pub(super) struct Origin {
    event: Option<&'static Metadata<'static>>,
    spans: Vec<&'static Metadata<'static>>,
}

impl Origin {
    /// That of the record which is being written on this thread.
    pub(super) fn take() -> Self {
        NEXT.take()
    }
}

/// Notes the origin of each event before the record's own layer, around this one, writes it.
pub(super) struct OriginLayer;

impl<S: Subscriber + for<'lookup> LookupSpan<'lookup>> Layer<S> for OriginLayer {
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let scope = context.event_scope(event);
        let spans = scope.into_iter().flat_map(Scope::from_root).map(|span| span.metadata()).collect();
        NEXT.set(Origin { event: Some(event.metadata()), spans });
    }
}

/// The callsites as data, one on each line.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(event) = self.event else { return Ok(()) };
        write!(f, "\nlogged at {}", json(&event.as_serde()))?;
        self.spans.iter().try_for_each(|span| write!(f, "\n  within {}", json(&span.as_serde())))
    }
}

fn json(metadata: &impl Serialize) -> String {
    serde_json::to_string(metadata).unwrap_or_default()
}
