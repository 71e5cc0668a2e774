//! In a build without spans: nobody is told of any.

use std::time::Duration;

use standards_core::log::{LogLevel, Record};
use standards_core::settings::Problem;

use super::{Service, StandardsLayer};

#[derive(Clone)]
pub(super) struct SpanExport;

impl SpanExport {
    pub(super) const fn none() -> Self {
        Self
    }

    pub(super) fn around(&self, standards: StandardsLayer) -> StandardsLayer {
        standards
    }

    pub(super) async fn close(self, _: Duration) {}
}

impl Service {
    /// The variable is often set for all services of a platform: one that cannot export says so, and serves.
    pub(super) fn open_tracing(&mut self) -> Result<(), Problem> {
        if self.settings.otel_endpoint.is_some() {
            let message = "OTEL_EXPORTER_OTLP_ENDPOINT no se usa: el programa se compiló sin la característica otel";
            Record::new(LogLevel::Warning, message).emit();
        }
        Ok(())
    }
}
