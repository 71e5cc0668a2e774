//! What Prometheus is told: of requests, of the log, of the process, and what a service counts itself.
//!
//! The walk: a [`RequestObserver`] counts each request where the access log ends it (`requests`, in the
//! bounded `series`, its times in `durations`), and `calls` each call of another service; when somebody asks for the `page`, the registry writes what was counted, what the log
//! (`records`), the circuit breakers (`circuits`), the caches (`caches`), the service (`served`) and the kernel (`process`) know at that moment, and how late the runtime was (`scheduler`).
//!
//! A [`Service`](crate::Service) has all of it, at `/metrics`. A service adds its own with one line each:
//!
//! ```
//! use axum::body::{Body, to_bytes};
//! use http::Request;
//! use standards_axum::core::settings::Environment;
//! use standards_axum::metrics::Metrics;
//! use standards_axum::metrics::prometheus_client::metrics::counter::Counter;
//! use standards_axum::{Service, service_info};
//! use tower::ServiceExt;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let metrics = Metrics::new();
//! let saludos: Counter = metrics.register("saludos", "Saludos enviados", Counter::default());
//! saludos.inc();
//!
//! let app = Service::new(service_info!(), Environment::default().settings()?).metrics(metrics).into_router();
//! let answer = app.oneshot(Request::get("/metrics").body(Body::empty())?).await?;
//! assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
//! let page = String::from_utf8(to_bytes(answer.into_body(), 64 * 1024).await?.to_vec())?;
//! assert!(page.contains("# HELP saludos_total Saludos enviados.\n# TYPE saludos_total counter\nsaludos_total 1\n"));
//! # Ok(())
//! # }
//! ```
//!
//! # What it has
//!
//! | name | labels | of what |
//! |---|---|---|
//! | `http_server_requests_total` | `route`, `http_method`, `status_class` | requests that have ended |
//! | `http_server_request_duration_seconds` | `route`, `http_method` | until the answer's head, of those that reached an operation |
//! | `http_server_requests_in_flight` | | requests that have begun and not ended |
//! | `http_server_failures_total` | `error_code` | failed answers by the code of the catalogue |
//! | `http_server_admission_refusals_total`, `http_server_rate_limit_refusals_total` | | refused by [`AdmissionLayer`](crate::layers::AdmissionLayer), by [`RateLimitLayer`](crate::layers::RateLimitLayer) |
//! | `log_records_total`, `log_records_dropped_total` | `level` | records of the log |
//! | `http_client_calls_total`, with the feature `client` | `upstream`, `outcome`, `status_class` | calls of other services, of those clients that [`calls`](Metrics::calls) observes |
//! | `http_client_call_duration_seconds`, `http_client_retries_total` | `upstream` | how long they take, retries included; how often they were sent again |
//! | `circuit_breaker_state`, `circuit_breaker_calls_total` | `name`, and `state`, `outcome` | circuit breakers that the service [has](crate::Service::circuit): 1 for the state they are in; calls that ended `ok`, `failed`, `slow`, `slow_failed` |
//! | `circuit_breaker_not_permitted_total`, `circuit_breaker_transitions_total` | `name`, and `to` | calls that they refused; changes of their state |
//! | `cache_outcomes_total`, `cache_entries`, with the feature `cache` | `cache`, and `outcome` | caches that are [told of](Metrics::cache): what became of what they were asked; entries in memory |
//! | `otel_spans_exported_total`, `otel_spans_dropped_total` | | spans, where they are exported (feature `otel`) |
//! | `build_info` | `artifact`, `version` | 1, with the names that stand in the log |
//! | `process_...` | | memory, file descriptors, processor time and start, from `/proc` (Linux) |
//! | `tokio_scheduler_delay_seconds` | | how late a task is run |
//!
//! Labels are called as in the log (`route`, `http_method`, `error_code`), names end in their unit, times are seconds.
//!
//! # What bounds it
//!
//! No request can make a series that the program does not name. `route` is the template of a route of the program, else
//! [`UNMATCHED`]; a verb beyond the nine of RFC 9110 and RFC 5789 is `other`; codes are of catalogues, which are compiled in. A page is
//! written under no lock that a request waits for, and those who ask at the same time are sent the same one.

#[cfg(feature = "cache")]
mod caches;
#[cfg(not(feature = "cache"))]
#[path = "no_caches.rs"]
mod caches;
#[cfg(feature = "client")]
mod calls;
#[cfg(not(feature = "client"))]
#[path = "no_calls.rs"]
mod calls;
mod circuits;
mod durations;
mod entry;
mod page;
mod process;
mod records;
mod requests;
mod scheduler;
mod series;
mod served;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{EncodeMetric, MetricEncoder, prometheus_text};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{Metric, Registry};

pub use prometheus_client;

pub use self::durations::{Durations, LATENCY_SECONDS};
pub use self::entry::MetricEntry;
pub(crate) use self::page::routes;
pub use self::requests::UNMATCHED;
pub(crate) use self::scheduler::Watch;
pub(crate) use self::served::Served;

use self::caches::Caches;
use self::calls::Calls;
use self::circuits::Circuits;
use self::entry::describe;
use self::page::Pages;
use self::process::Process;
use self::records::Records;
use self::requests::Requests;
use self::served::ServedCell;
use crate::layers::RequestObserver;

/// The metrics of a service. Cheap to clone; clones share them.
///
/// ```
/// use standards_axum::metrics::Metrics;
/// use standards_axum::metrics::prometheus_client::metrics::gauge::Gauge;
///
/// let metrics = Metrics::new();
/// let abiertas: Gauge = metrics.register("cajas_abiertas", "Cajas abiertas", Gauge::default());
/// abiertas.set(3);
/// let page = String::from_utf8(metrics.render().to_vec()).unwrap();
/// assert!(page.contains("cajas_abiertas 3\n"));
/// ```
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registered: Mutex<Registered>,
    requests: Arc<Requests>,
    calls: Arc<Calls>,
    circuits: Arc<Circuits>,
    caches: Arc<Caches>,
    delays: Durations,
    served: ServedCell,
    pages: Pages,
}

#[derive(Default)]
struct Registered {
    registry: Registry,
    names: BTreeSet<String>,
}

impl Metrics {
    /// What every service has, and nothing else yet.
    #[must_use]
    pub fn new() -> Self {
        let (requests, calls) = (Arc::<Requests>::default(), Arc::<Calls>::default());
        let (circuits, caches) = (Arc::<Circuits>::default(), Arc::<Caches>::default());
        let (delays, served) = (Durations::new(&scheduler::SECONDS), ServedCell::default());
        let mut registry = Registry::default();
        registry.register_collector(Box::new(served.clone()));
        registry.register_collector(Box::new(requests.clone()));
        calls.clone().register(&mut registry);
        registry.register_collector(Box::new(circuits.clone()));
        caches.clone().register(&mut registry);
        registry.register_collector(Box::new(Records));
        registry.register_collector(Box::new(Process));
        registry.register(scheduler::NAME, scheduler::HELP, delays.clone());
        let registered = Mutex::new(Registered { registry, names: BTreeSet::new() });
        Self(Arc::new(Inner { registered, requests, calls, circuits, caches, delays, served, pages: Pages::default() }))
    }

    /// Adds a metric of the service's own, and gives it back to be counted with.
    ///
    /// `name` ends in its unit (`_seconds`, `_bytes`), if it has one; to a counter's `_total` is added. `help` is one sentence without its
    /// period. `metric` is one of [`prometheus_client`]: a `Counter`, a `Gauge`, a `Histogram`, a `Family` of them by labels; or
    /// [`Durations`]. What a client sends must not become a label, unless it is one of few known values.
    ///
    /// ```
    /// use standards_axum::metrics::Metrics;
    /// use standards_axum::metrics::prometheus_client::metrics::counter::Counter;
    /// use standards_axum::metrics::prometheus_client::metrics::family::Family;
    ///
    /// let metrics = Metrics::new();
    /// let envios = metrics.register("envios", "Envíos por canal", Family::<[(&str, &str); 1], Counter>::default());
    /// envios.get_or_create(&[("canal", "correo")]).inc_by(2);
    /// let page = String::from_utf8(metrics.render().to_vec()).unwrap();
    /// assert!(page.contains("envios_total{canal=\"correo\"} 2\n"));
    /// ```
    ///
    /// # Panics
    ///
    /// Where the name is not `[a-z][a-z0-9_]*`, is taken, or a counter's ends in `_total` already: a page on which one name stands twice is
    /// none.
    #[track_caller]
    pub fn register<M: Metric + Clone>(&self, name: &str, help: &str, metric: M) -> M {
        let mut registered = self.registered();
        registered.take(name, metric.metric_type());
        registered.registry.register(name, help, metric.clone());
        metric
    }

    /// Adds a gauge that is asked for its value whenever a page is written: what somebody else counts already.
    ///
    /// ```
    /// use standards_axum::metrics::Metrics;
    ///
    /// let metrics = Metrics::new();
    /// metrics.gauge_of("conexiones_en_uso", "Conexiones en uso", || 7);
    /// assert!(String::from_utf8(metrics.render().to_vec()).unwrap().contains("conexiones_en_uso 7\n"));
    /// ```
    ///
    /// # Panics
    ///
    /// As [`register`](Self::register).
    #[track_caller]
    pub fn gauge_of(&self, name: &str, help: &str, value: impl Fn() -> i64 + Send + Sync + 'static) {
        let mut registered = self.registered();
        registered.take(name, MetricType::Gauge);
        registered.registry.register(name, help, GaugeOf(value));
    }

    /// Adds metrics that are made when a page is written. Their names are not checked.
    ///
    /// See [`prometheus_client::collector`].
    pub fn collect(&self, collector: impl Collector) {
        self.registered().registry.register_collector(Box::new(collector));
    }

    /// The page: every metric in Prometheus' text format, version 0.0.4.
    ///
    /// Whoever asks while another is still being sent one that is less than a second old is given the same; so a hundred at once cost as
    /// much as one.
    ///
    /// ```
    /// let page = standards_axum::metrics::Metrics::new().render();
    /// assert!(page.starts_with(b"# HELP "));
    /// ```
    #[must_use]
    pub fn render(&self) -> Bytes {
        self.0.pages.current(|| self.write())
    }

    /// What is on the page, by name: for a document that a test compares.
    ///
    /// A family of the service's own that has no series yet is described without labels, or, where it writes nothing at all, not.
    ///
    /// ```
    /// use standards_axum::metrics::Metrics;
    ///
    /// let metrics = Metrics::new();
    /// metrics.gauge_of("cola_bytes", "Lo que espera", || 7);
    /// let entries = metrics.entries();
    /// let cola = entries.iter().find(|entry| entry.name == "cola_bytes").unwrap();
    /// assert_eq!((cola.kind.as_str(), cola.unit), ("gauge", Some("bytes")));
    /// assert_eq!(cola.to_string(), "| `cola_bytes` | gauge |  | bytes | Lo que espera. |");
    /// assert!(entries.iter().any(|entry| entry.name == "http_server_requests_total" && entry.labels.len() == 3));
    /// ```
    #[must_use]
    pub fn entries(&self) -> Vec<MetricEntry> {
        let example = Self::new();
        example.served_as(Served::example());
        example.0.requests.tell_an_example();
        example.0.calls.tell_an_example();
        example.0.circuits.tell_an_example();
        example.0.caches.tell_an_example();
        let mut entries = describe(&example.write());
        let own = describe(&self.write()).into_iter().filter(|own| entries.iter().all(|entry| entry.name != own.name));
        let own: Vec<_> = own.collect();
        entries.extend(own);
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        entries
    }

    /// Who counts requests: for a [`StandardsLayer`](crate::StandardsLayer) of one's own. A [`Service`](crate::Service) has it.
    ///
    /// ```
    /// use axum::body::Body;
    /// use axum::{Router, routing::get};
    /// use http::Request;
    /// use standards_axum::metrics::Metrics;
    /// use standards_axum::{StandardsLayer, standardize_with};
    /// use tower::ServiceExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let metrics = Metrics::new();
    /// let layer = StandardsLayer::new().observed_by(metrics.observer());
    /// let app = standardize_with(Router::new().route("/cajas/{id}", get(async || "7")), &layer);
    /// app.oneshot(Request::get("/cajas/7").body(Body::empty()).unwrap()).await.unwrap();
    /// let counted = r#"http_server_requests_total{route="/cajas/{id}",http_method="GET",status_class="2xx"} 1"#;
    /// assert!(String::from_utf8(metrics.render().to_vec()).unwrap().contains(counted));
    /// # }
    /// ```
    #[must_use]
    pub fn observer(&self) -> Arc<dyn RequestObserver> {
        self.0.requests.clone()
    }

    /// Says of whom all this is.
    pub(crate) fn served_as(&self, served: Served) {
        self.0.served.set(served);
    }

    /// Watches how late the runtime at hand is, until the watch is dropped.
    pub(crate) fn watch(&self) -> Watch {
        Watch::start(self.0.delays.clone())
    }

    fn write(&self) -> String {
        let mut page = String::new();
        // A text takes whatever is written to it.
        let _ = prometheus_text::encode(&mut page, &self.registered().registry);
        page
    }

    fn registered(&self) -> MutexGuard<'_, Registered> {
        self.0.registered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").field("own", &self.registered().names).finish_non_exhaustive()
    }
}

/// What the standard's own names begin with, or are.
const TAKEN: [&str; 10] = [
    "cache_",
    "circuit_breaker_",
    "http_client_",
    "http_server_",
    "log_records",
    "build_info",
    "otel_",
    "process_",
    "tokio_",
    "go_",
];

impl Registered {
    #[track_caller]
    fn take(&mut self, name: &str, kind: MetricType) {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let is_name = name.bytes().all(plain) && name.starts_with(|first: char| first.is_ascii_lowercase());
        assert!(is_name, "{name:?} is no name of a metric: lower-case letters, digits and underscores");
        let is_total = matches!(kind, MetricType::Counter) && name.ends_with("_total");
        assert!(!is_total, "the counter {name} is given its `_total` when it is written");
        let is_taken = TAKEN.iter().any(|taken| name.starts_with(taken)) || !self.names.insert(name.to_owned());
        assert!(!is_taken, "the metric {name} is there already");
    }
}

/// A gauge whose value somebody else knows.
struct GaugeOf<F>(F);

impl<F: Fn() -> i64> EncodeMetric for GaugeOf<F> {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        encoder.encode_gauge(&(self.0)())
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Gauge
    }
}

impl<F> fmt::Debug for GaugeOf<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GaugeOf")
    }
}
