//! What is counted, and what it is called.

use std::time::Duration;

use standards_axum::metrics::prometheus_client::metrics::counter::Counter;
use standards_axum::metrics::prometheus_client::metrics::family::Family;
use standards_axum::metrics::prometheus_client::metrics::histogram::Histogram;
use standards_axum::metrics::{Durations, LATENCY_SECONDS, Metrics};

use super::DatabaseOperation;
use super::movements::{Labels, Movements};
use crate::database::PoolUse;
use crate::models::ClienteError;

/// What the business has done since the start. Clones count together.
///
/// ```
/// use reference_pago_service::metrics::BusinessMetrics;
/// use reference_pago_service::models::{Moneda, Monto};
/// use standards_axum::metrics::Metrics;
///
/// let metrics = Metrics::new();
/// let business = BusinessMetrics::registered(&metrics);
/// business.pagos.accepted(Moneda::CLP, "100.50".parse().unwrap());
/// let page = String::from_utf8(metrics.render().to_vec()).unwrap();
/// assert!(page.contains("pagos_total{moneda=\"CLP\",outcome=\"accepted\"} 1\n"));
/// assert!(page.contains("pagos_monto_hundredths_total{moneda=\"CLP\"} 10050\n"));
/// ```
#[derive(Clone)]
pub struct BusinessMetrics {
    /// Debits.
    pub pagos: Movements,
    /// Credits, opening balances among them.
    pub recargas: Movements,
    /// Debits that were given back.
    pub anulaciones: Movements,
    /// How many pagos are decided together.
    pub batches: Histogram,
    /// How long a pago waits for its batch.
    pub waits: Durations,
    /// Answers that were given before, under the same key.
    pub replays: Counter,
    /// Keys that were kept long enough and were forgotten.
    pub reaped: Counter,
    operations: Family<Labels<1>, Durations, fn() -> Durations>,
}

impl Default for BusinessMetrics {
    /// Counts, for nobody.
    fn default() -> Self {
        let refusals = Family::default();
        let movements = |name| Movements::new(name, &refusals);
        Self {
            pagos: movements("pagos"),
            recargas: movements("recargas"),
            anulaciones: movements("anulaciones"),
            batches: Histogram::new([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0]),
            waits: Durations::new(&LATENCY_SECONDS),
            replays: Counter::default(),
            reaped: Counter::default(),
            operations: Family::new_with_constructor(|| Durations::new(&LATENCY_SECONDS)),
        }
    }
}

impl BusinessMetrics {
    /// Counts on the page of `metrics`.
    ///
    /// # Panics
    ///
    /// Where they are on that page already.
    #[must_use]
    pub fn registered(metrics: &Metrics) -> Self {
        let business = Self::default();
        let Self { pagos, recargas, anulaciones, batches, waits, replays, reaped, .. } = &business;
        pagos.register(metrics, ["Pagos decided, by currency and outcome", "Amounts of accepted pagos, in hundredths"]);
        recargas.register(metrics, ["Recargas decided, opening balances among them", "Amounts of recargas, in hundredths"]);
        anulaciones.register(metrics, ["Annulments decided, by currency and outcome", "Amounts given back, in hundredths"]);
        metrics.register("business_refusals", "What was refused, by operation and code", pagos.refusals.clone());
        metrics.register("pagos_batch_size", "Pagos that were decided together", batches.clone());
        metrics.register("pagos_queue_wait_seconds", "Time that a pago waits for its batch", waits.clone());
        metrics.register("idempotency_replays", "Answers that were given before, under the same key", replays.clone());
        metrics.register("idempotency_keys_reaped", "Keys that were kept long enough and forgotten", reaped.clone());
        let help = "Time of the database for an operation, waiting for a connection included";
        metrics.register("database_operation_duration_seconds", help, business.operations.clone());
        business
    }

    /// One of what has no series before it happens, so that all labels are seen.
    pub fn tell_an_example(&self) {
        self.took(DatabaseOperation::Read, Duration::ZERO);
        self.pagos.refused(None, &ClienteError::EmailDuplicado);
    }

    /// Tells of a database operation that has ended.
    pub fn took(&self, operation: DatabaseOperation, duration: Duration) {
        self.operations.get_or_create(&[("operation", operation.as_str())]).observe(duration);
    }

    /// Asks how many pagos wait, and how the connections are used, whenever a page is written.
    ///
    /// # Panics
    ///
    /// As [`registered`](Self::registered).
    pub fn watch(
        metrics: &Metrics,
        queue: impl Fn() -> usize + Send + Sync + 'static,
        pool: impl Fn() -> PoolUse + Clone + Send + Sync + 'static,
    ) {
        let whole = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        metrics.gauge_of("pagos_queue_depth", "Pagos that wait for their batch", move || whole(queue()));
        let (in_use, waiting) = (pool.clone(), pool.clone());
        metrics.gauge_of("database_pool_in_use", "Connections that somebody uses", move || whole(in_use().in_use));
        let help = "Requests that wait for a connection (PostgreSQL; SQLite's pool does not tell)";
        metrics.gauge_of("database_pool_waiting", help, move || whole(waiting().waiting));
        metrics.gauge_of("database_pool_connections", "Connections that are open", move || whole(pool().open));
    }
}
