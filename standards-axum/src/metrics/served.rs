//! Which service this is, and whom it turned away.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;

use crate::layers::{AdmissionLayer, RateLimit};

/// What a service tells its metrics when it is put together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Served {
    /// As in the log.
    pub(crate) artifact: String,
    pub(crate) version: String,
    pub(crate) admission: Option<AdmissionLayer>,
    pub(crate) rate_limit: Option<RateLimit>,
    /// Where spans are exported.
    #[cfg(feature = "otel")]
    pub(crate) spans: Option<Arc<crate::otel::SpanCounts>>,
}

impl Served {
    /// One that has everything that a service may have.
    pub(super) fn example() -> Self {
        Self {
            #[cfg(feature = "otel")]
            spans: Some(Arc::default()),
            ..Self::default()
        }
    }
}

/// The service, once there is one.
#[derive(Clone, Debug, Default)]
pub(super) struct ServedCell(Arc<Mutex<Option<Served>>>);

impl ServedCell {
    pub(super) fn set(&self, served: Served) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(served);
    }

    fn get(&self) -> Option<Served> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Collector for ServedCell {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Some(served) = self.get() else { return Ok(()) };
        #[cfg(feature = "otel")]
        spans(&mut encoder, served.spans.as_deref())?;
        let Served { artifact, version, admission, rate_limit, .. } = served;
        let help = "1, with the names that the service has in its log.";
        let mut family = encoder.encode_descriptor("build_info", help, None, MetricType::Gauge)?;
        family.encode_family(&[("artifact", &*artifact), ("version", &*version)])?.encode_gauge(&1_i64)?;
        let (shed, limited) = (admission.map(|layer| layer.refused()), rate_limit.map(|limit| limit.refused()));
        let help = "Requests refused because too many were in flight.";
        counted(&mut encoder, "http_server_admission_refusals", help, shed.unwrap_or_default())?;
        let help = "Requests refused because their client asked too often.";
        counted(&mut encoder, "http_server_rate_limit_refusals", help, limited.unwrap_or_default())
    }
}

#[cfg(feature = "otel")]
fn spans(encoder: &mut DescriptorEncoder<'_>, counts: Option<&crate::otel::SpanCounts>) -> fmt::Result {
    let Some(counts) = counts else { return Ok(()) };
    counted(encoder, "otel_spans_exported", "Spans that the collector has taken.", counts.exported())?;
    let help = "Spans that were lost: there was no room for them, or they could not be exported.";
    counted(encoder, "otel_spans_dropped", help, counts.dropped())
}

fn counted(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, count: u64) -> fmt::Result {
    let mut counter = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
    counter.encode_counter::<NoLabelSet, _, u64>(&count, None)
}
