//! The circuit breakers that operators and Prometheus are told of.

use standards_core::resilience::CircuitBreaker;

use super::Service;

impl Service {
    /// Has this circuit breaker: `/admin/circuits` and, where it has any, its metrics tell of it. Of two with one name the first is told.
    ///
    /// ```
    /// use standards_axum::core::resilience::{CircuitBreaker, CircuitPolicy};
    /// use standards_axum::core::settings::Environment;
    /// use standards_axum::{Service, service_info};
    ///
    /// let redis = CircuitBreaker::new("redis", CircuitPolicy::default());
    /// let service = Service::new(service_info!(), Environment::default().settings()?).circuit(&redis);
    /// # Ok::<(), standards_axum::core::settings::Problems>(())
    /// ```
    #[must_use]
    pub fn circuit(mut self, breaker: &CircuitBreaker) -> Self {
        if self.circuits.iter().all(|one| one.name() != breaker.name()) {
            self.circuits.push(breaker.clone());
        }
        self
    }
}
