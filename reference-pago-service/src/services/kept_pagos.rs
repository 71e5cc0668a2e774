//! Pagos by id, which are kept for a while once they were read. Balances are not: nothing of a cliente is kept.

use std::sync::Arc;
use std::time::Duration;

use standards_axum::metrics::Metrics;
use standards_core::Failure;
use standards_core::cache::{Cache, CachePolicy, Keep, Namespace, SharedLevel, Ttl};

use crate::models::{Estado, Pago, PagoId, UnknownPago};
use crate::repositories::PagoRepository;

/// A change of `Pago` as JSON is the next version.
const PAGOS: Namespace = Namespace::new("pago", 1);

/// How old an answer may be that another instance has made untrue and could not tell: five seconds, of which a tenth is left to chance.
const LONGEST: Duration = Duration::from_millis(4_500);

/// Pagos by id. Clones share what is kept.
#[derive(Clone)]
pub struct KeptPagos {
    pagos: Arc<dyn PagoRepository>,
    kept: Option<Cache<Pago>>,
    ttl: Duration,
}

impl KeptPagos {
    /// Keeps what was read for as long as `ttl`, in memory and, where there is one, in a level that other instances share; nothing where `ttl`
    /// is zero.
    #[must_use]
    pub fn new(pagos: Arc<dyn PagoRepository>, ttl: Duration, shared: Option<Arc<dyn SharedLevel>>) -> Self {
        let builder = Cache::builder(PAGOS).with_policy(CachePolicy::default().with_staleness(LONGEST));
        let builder = match shared {
            Some(level) => builder.shared_by(level),
            None => builder,
        };
        Self { pagos, kept: (!ttl.is_zero()).then(|| builder.build()), ttl }
    }

    /// Tells on the page of `metrics` what becomes of what is asked.
    pub fn watched_by(&self, metrics: &Metrics) {
        if let Some(kept) = &self.kept {
            metrics.cache(kept);
        }
    }

    /// The pago as it is, or was a moment ago.
    ///
    /// # Errors
    ///
    /// [`UnknownPago::PagoNoEncontrado`] where there is none; 503 where it is not kept and the database cannot answer now.
    pub async fn get(&self, id: PagoId) -> Result<Pago, Failure> {
        let Some(kept) = &self.kept else { return read(self.pagos.clone(), id).await };
        let pagos = self.pagos.clone();
        match kept.get_or_load(&id, ByEstado(self.ttl), move || read(pagos, id)).await {
            Ok(pago) => Ok(*pago),
            // Whoever asked first may have asked before it was made.
            Err(failure) if failure.status().as_u16() == 404 => read(self.pagos.clone(), id).await,
            Err(failure) => Err(failure),
        }
    }

    /// Forgets what is kept of a pago, here and, where it can be told, elsewhere. To be called once it is another one, and before anybody is
    /// told so.
    pub async fn forget(&self, id: PagoId) {
        if let Some(kept) = &self.kept {
            kept.delete(&id).await;
        }
    }
}

async fn read(pagos: Arc<dyn PagoRepository>, id: PagoId) -> Result<Pago, Failure> {
    pagos.get(id).await?.ok_or_else(|| UnknownPago::PagoNoEncontrado { pago_id: id }.into())
}

/// What is annulled stays so; what can still be is shown for a moment.
struct ByEstado(Duration);

impl Keep<Pago> for ByEstado {
    fn ttl(&self, pago: &Pago) -> Ttl {
        match pago.estado {
            Estado::Anulado => Ttl::immutable(self.0),
            Estado::Pendiente | Estado::Procesado => Ttl::changing(self.0.min(LONGEST)),
        }
    }
}
