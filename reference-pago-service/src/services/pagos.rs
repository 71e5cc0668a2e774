//! Pagos (guideline section 6, "Services con Transacciones").

use std::sync::Arc;

use standards_core::Failure;
use standards_core::idempotency::{Keyed, KeyedRequest};
use tracing::info;

use super::{KeptPagos, Keys, OwnedKey};
use crate::engine::{Engine, with_retries};
use crate::models::{Annulled, AnulacionError, NewPago, Pago, PagoFilter, PagoId, Verdict};
use crate::repositories::{PagoOrder, PagoRepository};

/// The operations as keys know them: the templates of their routes.
const PROCESAR_PAGO: &str = "POST /pagos";
const ANULAR_PAGO: &str = "POST /pagos/{id}/anulacion";

/// What can be done with pagos.
pub struct PagoService {
    pagos: Arc<dyn PagoRepository>,
    kept: KeptPagos,
    keys: Keys,
    engine: Engine,
}

impl PagoService {
    /// A service on top of a repository, what is kept of it, and the engine.
    #[must_use]
    pub fn new(pagos: Arc<dyn PagoRepository>, kept: KeptPagos, keys: Keys, engine: Engine) -> Self {
        Self { pagos, kept, keys, engine }
    }

    /// Debits the cliente and notes the pago, or does neither. It is done, once it was taken in, whether or not the caller waits.
    ///
    /// The verdict is a [`PagoError`](crate::models::PagoError) where the pago is refused.
    ///
    /// # Errors
    ///
    /// An [`IdempotencyError`](standards_core::idempotency::IdempotencyError) where the key is being worked on; 503 where the queue is full
    /// or the database cannot decide now.
    pub async fn procesar_pago(&self, pago: NewPago, key: Option<OwnedKey>) -> Result<Keyed<Verdict>, Failure> {
        let NewPago { cliente_id, monto, moneda } = pago;
        let begin = move || {
            info!(cliente_id = cliente_id.get(), %monto, moneda = moneda.as_str(), "Iniciando procesamiento de pago");
        };
        let Some(key) = key else { return self.engine.pay(PagoOrder { pago, key: None }, None, begin).await };
        begin();
        let key = key.request(PROCESAR_PAGO, format!("{cliente_id} {monto} {moneda}"));
        let order = PagoOrder { pago, key: Some(key.clone()) };
        self.keys.once(Some(&key), &pago, |guard| self.engine.pay(order, guard, || ())).await
    }

    /// Annuls a pago and gives its amount back, with the same guarantees.
    ///
    /// The verdict is an [`AnulacionError`] where there is no such pago, its state does not allow it, or the balance would pass its limit.
    ///
    /// # Errors
    ///
    /// As [`procesar_pago`](Self::procesar_pago).
    pub async fn anular_pago(
        &self,
        pago_id: PagoId,
        key: Option<OwnedKey>,
    ) -> Result<Keyed<Result<Annulled, AnulacionError>>, Failure> {
        info!(pago_id = pago_id.get(), "Iniciando anulación de pago");
        let key = key.map(|key| key.request(ANULAR_PAGO, pago_id.to_string()));
        let work = annul(self.pagos.clone(), self.kept.clone(), pago_id, key.clone());
        self.keys.once(key.as_ref(), &pago_id, |guard| self.engine.run(guard, work)).await
    }

    /// The pago with this id: once it was annulled here, or five seconds after it was elsewhere, never as it was before.
    ///
    /// # Errors
    ///
    /// As [`KeptPagos::get`].
    pub async fn obtener_pago(&self, pago_id: PagoId) -> Result<Pago, Failure> {
        self.kept.get(pago_id).await
    }

    /// The pagos that pass the filter, by id.
    ///
    /// # Errors
    ///
    /// 503 where the database cannot answer now.
    pub async fn listar_pagos(&self, filter: PagoFilter) -> Result<Vec<Pago>, Failure> {
        Ok(self.pagos.list(filter).await?)
    }
}

async fn annul(
    pagos: Arc<dyn PagoRepository>,
    kept: KeptPagos,
    id: PagoId,
    key: Option<Arc<KeyedRequest>>,
) -> Result<Keyed<Result<Annulled, AnulacionError>>, Failure> {
    let verdict = with_retries(|| pagos.annul(id, key.clone())).await;
    // Whatever is known of it: where the answer was lost the pago may be another one all the same.
    kept.forget(id).await;
    let verdict = verdict?;
    if let Keyed::Fresh(Ok(Annulled { pago, nuevo_saldo })) = &verdict {
        let Pago { cliente_id, monto, moneda, .. } = pago;
        let (cliente_id, pago_id) = (cliente_id.get(), id.get());
        info!(cliente_id, pago_id, %monto, moneda = moneda.as_str(), %nuevo_saldo, "Pago anulado exitosamente");
    }
    Ok(verdict)
}
