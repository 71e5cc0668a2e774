//! In a build without metrics: nobody counts.

use axum::Router;
use standards_core::resilience::CircuitBreaker;

use super::{ServiceInfo, StandardSettings, StandardsLayer};

/// The metrics that a service has: none.
pub(super) struct Metering;

impl Metering {
    pub(super) const fn new() -> Self {
        Self
    }

    pub(super) fn around(&self, standards: StandardsLayer, _: ServiceInfo, _: &StandardSettings) -> StandardsLayer {
        standards
    }

    pub(super) const fn tell_of(&self, _: &[CircuitBreaker]) {}

    pub(super) fn routes(&self) -> Router {
        Router::new()
    }

    pub(super) fn routes_apart(&mut self) -> Router {
        Router::new()
    }

    pub(super) const fn watch(&self) -> Option<()> {
        None
    }
}
