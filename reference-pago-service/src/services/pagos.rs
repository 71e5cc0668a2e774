//! Pagos (guideline section 6, "Services con Transacciones").

use std::sync::Arc;

use standards_core::Failure;
use tracing::info;

use crate::error::{PagoDeRuta, PagoError};
use crate::models::{NuevoPago, Pago, PagoId};
use crate::repositories::{Decision, FiltroPagos, PagoRepository};

/// What can be done with pagos. Cheap to clone.
#[derive(Clone)]
pub struct PagoService {
    pagos: Arc<dyn PagoRepository>,
}

impl PagoService {
    /// A service on top of a repository.
    #[must_use]
    pub fn new(pagos: Arc<dyn PagoRepository>) -> Self {
        Self { pagos }
    }

    /// Debits the cliente and notes the pago, or does neither.
    ///
    /// # Errors
    ///
    /// A [`PagoError`] where the pago is refused; 503 where the database cannot decide now.
    pub async fn procesar_pago(&self, nuevo: NuevoPago) -> Result<Pago, Failure> {
        let NuevoPago { cliente_id, monto, moneda } = nuevo;
        info!(cliente_id = cliente_id.get(), %monto, %moneda, "Iniciando procesamiento de pago");
        match self.pagos.procesar(nuevo).await? {
            Decision::Aceptado { pago, nuevo_saldo } => {
                let (cliente_id, pago_id) = (cliente_id.get(), pago.id.get());
                info!(cliente_id, pago_id, %monto, %moneda, %nuevo_saldo, "Pago procesado exitosamente");
                Ok(pago)
            }
            Decision::ClienteNoEncontrado => Err(PagoError::ClienteNoEncontrado { cliente_id }.into()),
            Decision::SaldoInsuficiente { saldo } => Err(PagoError::SaldoInsuficiente { saldo, monto: monto.into() }.into()),
            Decision::MonedaNoCoincide { moneda: moneda_cliente } => {
                Err(PagoError::MonedaNoCoincide { moneda, moneda_cliente }.into())
            }
        }
    }

    /// The pago with this id.
    ///
    /// # Errors
    ///
    /// [`PagoDeRuta::PagoNoEncontrado`] where there is none; 503 where the database cannot answer now.
    pub async fn obtener_pago(&self, pago_id: PagoId) -> Result<Pago, Failure> {
        let pago = self.pagos.obtener(pago_id).await?;
        pago.ok_or_else(|| PagoDeRuta::PagoNoEncontrado { pago_id }.into())
    }

    /// The pagos that pass the filter, by id.
    ///
    /// # Errors
    ///
    /// 503 where the database cannot answer now.
    pub async fn listar_pagos(&self, filtro: FiltroPagos) -> Result<Vec<Pago>, Failure> {
        Ok(self.pagos.listar(filtro).await?)
    }
}
