//! Pagos (guideline section 6, "Services con Transacciones").

use std::sync::Arc;

use standards_core::Failure;
use standards_core::idempotency::{Key, Keyed};
use tracing::info;

use super::Keys;
use super::keys::{Entrada, idioma};
use crate::engine::{Engine, Outcome, desenlace, with_retries};
use crate::error::{AbonoError, AnulacionError, UnknownPago};
use crate::models::{NewPago, Pago, PagoId};
use crate::repositories::{Anulacion, Clave, Decision, PagoFilter, PagoOrder, PagoRepository, Resolucion};

/// The operations as keys know them: the templates of their routes.
const PROCESAR: &str = "POST /pagos";
const ANULAR: &str = "POST /pagos/{id}/anulacion";

/// What can be done with pagos.
pub struct PagoService {
    pagos: Arc<dyn PagoRepository>,
    claves: Keys,
    engine: Engine,
}

impl PagoService {
    /// A service on top of a repository and the engine.
    #[must_use]
    pub fn new(pagos: Arc<dyn PagoRepository>, claves: Keys, engine: Engine) -> Self {
        Self { pagos, claves, engine }
    }

    /// Debits the cliente and notes the pago, or does neither. It is done, once it was taken in, whether or not the caller waits.
    ///
    /// The outcome is a [`PagoError`](crate::error::PagoError) where the pago is refused, an
    /// [`IdempotencyError`](standards_core::idempotency::IdempotencyError) where its key is, and 503 where the database cannot decide
    /// now.
    pub async fn procesar_pago(&self, nuevo: NewPago, key: Option<Key>) -> Outcome<Pago> {
        let NewPago { cliente_id, monto, moneda } = nuevo;
        let inicio = move || {
            info!(cliente_id = cliente_id.get(), %monto, moneda = moneda.as_str(), "Iniciando procesamiento de pago");
        };
        let Some(key) = key else { return self.engine.pagar(PagoOrder { nuevo, clave: None }, None, inicio).await };
        inicio();
        let huella = format!("{cliente_id} {monto} {moneda}");
        self.pagar_una_vez(nuevo, Clave::new("", PROCESAR, key, huella, idioma())).await
    }

    async fn pagar_una_vez(&self, nuevo: NewPago, clave: Clave) -> Outcome<Pago> {
        match self.claves.entrar::<Decision>(Some(&clave)).await {
            Ok(Entrada::Libre(guardia)) => self.engine.pagar(PagoOrder { nuevo, clave: Some(clave) }, guardia, || ()).await,
            Ok(Entrada::Resuelta(previa)) => desenlace(previa, |decision| decision.pago(&nuevo).map_err(Failure::from)),
            Err(failure) => Keyed::Fresh(Err(failure)),
        }
    }

    /// Annuls a pago and gives its amount back, with the same guarantees.
    ///
    /// The outcome is [`UnknownPago::PagoNoEncontrado`] where there is no such pago, [`AnulacionError::PagoNoAnulable`] where its state
    /// does not allow it, [`AbonoError::SaldoExcedido`] where the balance would pass its limit, an
    /// [`IdempotencyError`](standards_core::idempotency::IdempotencyError) where the key is refused, and 503 where the database
    /// cannot decide now.
    pub async fn anular_pago(&self, pago_id: PagoId, key: Option<Key>) -> Outcome<Pago> {
        info!(pago_id = pago_id.get(), "Iniciando anulación de pago");
        let clave = key.map(|key| Clave::new("", ANULAR, key, pago_id.to_string(), idioma()));
        match self.claves.entrar::<Anulacion>(clave.as_ref()).await {
            Ok(Entrada::Libre(guardia)) => self.engine.aparte(guardia, anular(self.pagos.clone(), pago_id, clave)).await,
            Ok(Entrada::Resuelta(previa)) => desenlace(previa, |anulacion| anulado(anulacion, pago_id)),
            Err(failure) => Keyed::Fresh(Err(failure)),
        }
    }

    /// The pago with this id.
    ///
    /// # Errors
    ///
    /// [`UnknownPago::PagoNoEncontrado`] where there is none; 503 where the database cannot answer now.
    pub async fn obtener_pago(&self, pago_id: PagoId) -> Result<Pago, Failure> {
        let pago = self.pagos.obtener(pago_id).await?;
        pago.ok_or_else(|| UnknownPago::PagoNoEncontrado { pago_id }.into())
    }

    /// The pagos that pass the filter, by id.
    ///
    /// # Errors
    ///
    /// 503 where the database cannot answer now.
    pub async fn listar_pagos(&self, filtro: PagoFilter) -> Result<Vec<Pago>, Failure> {
        Ok(self.pagos.listar(filtro).await?)
    }
}

async fn anular(pagos: Arc<dyn PagoRepository>, pago_id: PagoId, clave: Option<Clave>) -> Outcome<Pago> {
    let resolucion = match with_retries(|| pagos.anular(pago_id, clave.clone())).await {
        Ok(resolucion) => resolucion,
        Err(error) => return Keyed::Fresh(Err(error.into())),
    };
    if let Resolucion::Nueva(Anulacion::Anulado { pago, nuevo_saldo }) = &resolucion {
        let Pago { cliente_id, monto, moneda, .. } = pago;
        let (cliente_id, pago_id) = (cliente_id.get(), pago_id.get());
        info!(cliente_id, pago_id, %monto, moneda = moneda.as_str(), %nuevo_saldo, "Pago anulado exitosamente");
    }
    desenlace(resolucion, |anulacion| anulado(anulacion, pago_id))
}

fn anulado(anulacion: Anulacion, pago_id: PagoId) -> Result<Pago, Failure> {
    match anulacion {
        Anulacion::Anulado { pago, .. } => Ok(pago),
        Anulacion::NoEncontrado => Err(UnknownPago::PagoNoEncontrado { pago_id }.into()),
        Anulacion::NoAnulable { estado } => Err(AnulacionError::PagoNoAnulable { pago_id, estado }.into()),
        Anulacion::SaldoExcedido { monto } => Err(AbonoError::SaldoExcedido { monto }.into()),
    }
}
