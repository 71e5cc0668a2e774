//! What the business is told to Prometheus.
//!
//! The walk: `business` holds what is counted, and the names that it has on the page; amounts by currency are `movements`; `observed` stands
//! between the engine and the repositories and sees there what each operation came to and how long the database took. What only
//! the engine or the keys know (how long an order waited, that an answer was a repetition) they tell the same [`BusinessMetrics`].
//!
//! Nothing that a client sends becomes a series of its own: a currency that is none of the [`COUNTED`] is `other`.

mod business;
mod movements;
mod observed;
mod operation;

use standards_axum::metrics::{MetricEntry, Metrics};

pub use business::BusinessMetrics;
pub use movements::{COUNTED, Movements};
pub use operation::DatabaseOperation;

use crate::database::PoolUse;

/// Everything that the service tells Prometheus.
///
/// ```
/// let entries = reference_pago_service::metrics::entries();
/// assert!(entries.iter().any(|entry| entry.name == "pagos_total" && entry.labels == ["moneda", "outcome"]));
/// ```
#[must_use]
pub fn entries() -> Vec<MetricEntry> {
    let metrics = Metrics::new();
    BusinessMetrics::registered(&metrics).tell_an_example();
    BusinessMetrics::watch(&metrics, || 0, PoolUse::default);
    metrics.entries()
}
