//! The spans of a service, and where they go.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use opentelemetry::InstrumentationScope;
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use standards_core::log::{LogLevel, Record};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::queue::{SpanCounts, SpanQueue, queue};
use super::sampling::Sampling;

/// The spans of a service, and their export. Cheap to clone; clones share it.
///
/// A [`Service`](crate::Service) opens its own where `OTEL_EXPORTER_OTLP_ENDPOINT` is set. Layers around a service that exists already are told of
/// one ([`StandardsLayer::traced_by`](crate::StandardsLayer::traced_by)), which is [closed](Self::close) at the end.
///
/// ```
/// use std::time::Duration;
///
/// use axum::{Router, routing::get};
/// use standards_axum::core::settings::Environment;
/// use standards_axum::otel::Tracing;
/// use standards_axum::{StandardSettings, StandardsLayer, service_info, standardize_with};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let environment = Environment::from_pairs([("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")]);
/// let settings: StandardSettings = environment.settings()?;
/// let mut layer = StandardsLayer::new();
/// let tracing = Tracing::open(service_info!(), &settings)?;
/// if let Some(tracing) = &tracing {
///     layer = layer.traced_by(tracing.clone());
/// }
/// let app: Router = standardize_with(Router::new().route("/", get(async || "hola")), &layer);
/// // … serve it; then:
/// if let Some(tracing) = tracing {
///     tracing.close(Duration::from_secs(2)).await;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Tracing(Arc<Inner>);

struct Inner {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
    counts: Arc<SpanCounts>,
    stop: CancellationToken,
    exporting: Mutex<Option<JoinHandle<()>>>,
}

impl Tracing {
    /// Spans that somebody else exports, who is given the queue of those that have ended.
    pub(crate) fn new(sampling: Sampling) -> (Self, SpanQueue) {
        let (processor, queue) = queue();
        let provider = SdkTracerProvider::builder().with_sampler(sampling).with_span_processor(processor).build();
        let scope = InstrumentationScope::builder(env!("CARGO_PKG_NAME")).with_version(env!("CARGO_PKG_VERSION")).build();
        let (tracer, counts, stop) = (provider.tracer_with_scope(scope), queue.counts.clone(), queue.stop.clone());
        (Self(Arc::new(Inner { provider, tracer, counts, stop, exporting: Mutex::new(None) })), queue)
    }

    /// Says which task exports them.
    pub(crate) fn exported_by(&self, task: JoinHandle<()>) {
        *self.0.exporting.lock().unwrap_or_else(PoisonError::into_inner) = Some(task);
    }

    pub(crate) fn tracer(&self) -> &SdkTracer {
        &self.0.tracer
    }

    #[cfg(feature = "metrics")]
    pub(crate) fn counts(&self) -> Arc<SpanCounts> {
        self.0.counts.clone()
    }

    /// What makes tracers: for a library that asks for one (`opentelemetry::global::set_tracer_provider`), or a `tracing-opentelemetry` layer.
    ///
    /// What they make is exported with everything else, under the same sampler.
    #[must_use]
    pub fn provider(&self) -> &SdkTracerProvider {
        &self.0.provider
    }

    /// How many spans the collector has taken.
    #[must_use]
    pub fn exported(&self) -> u64 {
        self.0.counts.exported()
    }

    /// How many spans were lost: they found no room in the queue, or could not be exported.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.0.counts.dropped()
    }

    /// Exports what is left, for as long as `within` says; what is then still left is lost, and counted. Spans that end later are lost too.
    pub async fn close(&self, within: Duration) {
        self.0.stop.cancel();
        let exporting = self.0.exporting.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut exporting) = exporting else { return };
        if timeout(within, &mut exporting).await.is_err() {
            exporting.abort();
            let lost = self.0.counts.drop_pending();
            let message = "El servicio termina sin haber exportado todas las trazas";
            Record::new(LogLevel::Warning, message).target("standards::otel").field("spans_dropped", lost).emit();
        }
    }
}

impl fmt::Debug for Tracing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracing").field("exported", &self.exported()).field("dropped", &self.dropped()).finish_non_exhaustive()
    }
}
