//! The spans of a service: where they are told, and when that ends.

use std::time::Duration;

use standards_core::settings::Problem;

use super::{Service, StandardsLayer};
use crate::otel::Tracing;

/// Who is told of a service's spans, if anybody is.
#[derive(Clone)]
pub(super) struct SpanExport(Option<Tracing>);

impl SpanExport {
    pub(super) const fn none() -> Self {
        Self(None)
    }

    /// The layer, telling what passes it.
    pub(super) fn around(&self, standards: StandardsLayer) -> StandardsLayer {
        match &self.0 {
            Some(tracing) => standards.traced_by(tracing.clone()),
            None => standards,
        }
    }

    /// Ends it; what cannot be exported within this time is lost.
    pub(super) async fn close(self, within: Duration) {
        if let Some(tracing) = self.0 {
            tracing.close(within).await;
        }
    }
}

impl Service {
    /// Exports its spans as `tracing` does, in the place of one that `OTEL_EXPORTER_OTLP_ENDPOINT` asks for; it is closed when the service has ended.
    ///
    /// See [`otel`](crate::otel).
    #[must_use]
    pub fn traced_by(mut self, tracing: Tracing) -> Self {
        self.spans = SpanExport(Some(tracing));
        self
    }

    /// Begins to export spans, where the settings say where to.
    pub(super) fn open_tracing(&mut self) -> Result<(), Problem> {
        if self.spans.0.is_none() {
            let problem = |error| Problem {
                variable: "OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(),
                reason: format!("no se puede usar: {error}"),
            };
            self.spans = SpanExport(Tracing::open(self.info, &self.settings).map_err(problem)?);
        }
        Ok(())
    }
}
