//! The metrics of a service: who counts, where they are read.

use axum::Router;
use standards_core::resilience::CircuitBreaker;

use super::{Service, ServiceInfo, StandardSettings, StandardsLayer};
use crate::metrics::{self, Metrics, Served, Watch};

/// The metrics that a service has, if it has any.
pub(super) struct Metering {
    metrics: Option<Metrics>,
    /// Whether they are served with everything else, or somebody else serves them.
    is_served: bool,
}

impl Metering {
    pub(super) fn new() -> Self {
        Self { metrics: Some(Metrics::new()), is_served: true }
    }

    /// The layer, counting what passes it.
    pub(super) fn around(&self, standards: StandardsLayer, info: ServiceInfo, settings: &StandardSettings) -> StandardsLayer {
        let Some(metrics) = &self.metrics else { return standards };
        let named = |setting: &Option<String>, own: &str| setting.as_deref().unwrap_or(own).to_owned();
        metrics.served_as(Served {
            artifact: named(&settings.service_name, info.name),
            version: named(&settings.service_version, info.version),
            admission: standards.admission.clone(),
            rate_limit: standards.entrance.rate_limit.clone(),
            #[cfg(feature = "otel")]
            spans: standards.spans.counts(),
        });
        standards.observed_by(metrics.observer())
    }

    /// Tells of these circuit breakers.
    pub(super) fn tell_of(&self, circuits: &[CircuitBreaker]) {
        if let Some(metrics) = &self.metrics {
            circuits.iter().for_each(|breaker| metrics.circuit(breaker));
        }
    }

    /// `/metrics`, where it is served with everything else.
    pub(super) fn routes(&self) -> Router {
        let served = self.metrics.clone().filter(|_| self.is_served);
        served.map(metrics::routes).unwrap_or_default()
    }

    /// The same for a listener of its own: from now on it is not served with everything else.
    pub(super) fn routes_apart(&mut self) -> Router {
        self.is_served = false;
        self.metrics.clone().map(metrics::routes).unwrap_or_default()
    }

    /// Watches the runtime at hand as long as the service runs.
    pub(super) fn watch(&self) -> Option<Watch> {
        self.metrics.as_ref().map(Metrics::watch)
    }
}

impl Service {
    /// Has these metrics, to which the service has [added](Metrics::register) its own, in the place of those that it has anyway.
    ///
    /// See [`metrics`](crate::metrics).
    #[must_use]
    pub fn metrics(mut self, metrics: Metrics) -> Self {
        self.metering.metrics = Some(metrics);
        self
    }

    /// Has no metrics: nothing is counted, nor is there a `/metrics`.
    ///
    /// ```
    /// use axum::body::Body;
    /// use http::Request;
    /// use standards_axum::core::settings::Environment;
    /// use standards_axum::{Service, service_info};
    /// use tower::ServiceExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), standards_axum::core::settings::Problems> {
    /// let service = || Service::new(service_info!(), Environment::default().settings().unwrap());
    /// let status = async |service: Service| {
    ///     let request = Request::get("/metrics").body(Body::empty()).unwrap();
    ///     service.into_router().oneshot(request).await.unwrap().status().as_u16()
    /// };
    /// assert_eq!(status(service()).await, 200);
    /// assert_eq!(status(service().without_metrics()).await, 404);
    /// assert_eq!(status(service().without_metrics_route()).await, 404);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn without_metrics(mut self) -> Self {
        self.metering.metrics = None;
        self
    }

    /// Counts, and leaves `/metrics` away: whoever kept a clone of the [`Metrics`] serves the [page](Metrics::render) elsewhere.
    #[must_use]
    pub fn without_metrics_route(mut self) -> Self {
        self.metering.is_served = false;
        self
    }
}
