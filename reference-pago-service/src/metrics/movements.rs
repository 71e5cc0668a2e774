//! Amounts that go one way, by currency and outcome.

use standards_axum::metrics::Metrics;
use standards_axum::metrics::prometheus_client::metrics::counter::Counter;
use standards_axum::metrics::prometheus_client::metrics::family::Family;
use standards_core::DomainError;

use crate::models::{Moneda, Monto};

/// The currencies that have series of their own. Any three letters are a currency (contract section 5), so a client could name thousands.
///
/// ```
/// assert!(reference_pago_service::metrics::COUNTED.contains(&"CLP"));
/// ```
pub const COUNTED: [&str; 13] = ["ARS", "BOB", "BRL", "CLF", "CLP", "COP", "EUR", "GBP", "MXN", "PEN", "PYG", "USD", "UYU"];

/// `moneda` of any other.
const OTHER: &str = "other";
/// `moneda` of what was refused before anybody knew whose account it was.
const UNKNOWN: &str = "unknown";

const ACCEPTED: &str = "accepted";
const REFUSED: &str = "refused";

pub(super) type Labels<const N: usize> = [(&'static str, &'static str); N];

/// Amounts that go one way.
#[derive(Clone)]
pub struct Movements {
    name: &'static str,
    by_outcome: Family<Labels<2>, Counter>,
    hundredths: Family<Labels<1>, Counter>,
    pub(super) refusals: Family<Labels<2>, Counter>,
}

impl Movements {
    pub(super) fn new(name: &'static str, refusals: &Family<Labels<2>, Counter>) -> Self {
        let movements = Self { name, by_outcome: Family::default(), hundredths: Family::default(), refusals: refusals.clone() };
        // What has not happened yet is 0 and not absent, so that the first one is an increase.
        let moneda = counted(Moneda::default());
        drop(movements.hundredths.get_or_create(&[("moneda", moneda)]));
        for outcome in [ACCEPTED, REFUSED] {
            drop(movements.by_outcome.get_or_create(&[("moneda", moneda), ("outcome", outcome)]));
        }
        movements
    }

    /// One was done.
    ///
    /// Amounts are added up in hundredths, exactly; those of currencies that are not [`COUNTED`] are not, for their sum would be of nothing.
    pub fn accepted(&self, moneda: Moneda, monto: Monto) {
        let moneda = counted(moneda);
        self.by_outcome.get_or_create(&[("moneda", moneda), ("outcome", ACCEPTED)]).inc();
        if moneda != OTHER {
            self.hundredths.get_or_create(&[("moneda", moneda)]).inc_by(u64::try_from(monto.hundredths()).unwrap_or_default());
        }
    }

    /// One was refused, in this currency where it is known.
    pub fn refused(&self, moneda: Option<Moneda>, refusal: &impl DomainError) {
        let moneda = moneda.map_or(UNKNOWN, counted);
        self.by_outcome.get_or_create(&[("moneda", moneda), ("outcome", REFUSED)]).inc();
        self.refusals.get_or_create(&[("operation", self.name), ("error_code", refusal.entry().code)]).inc();
    }

    pub(super) fn register(&self, metrics: &Metrics, help: [&str; 2]) {
        let [counts, amounts] = help;
        metrics.register(self.name, counts, self.by_outcome.clone());
        metrics.register(&format!("{}_monto_hundredths", self.name), amounts, self.hundredths.clone());
    }
}

fn counted(moneda: Moneda) -> &'static str {
    COUNTED.into_iter().find(|counted| *counted == moneda.as_str()).unwrap_or(OTHER)
}
