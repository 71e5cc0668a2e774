//! What is asked about pagos.

use std::sync::Arc;

use super::{Clave, Resolucion};
use crate::database::{BoxFuture, RepositoryError};
use crate::models::{ClienteId, Estado, Moneda, Monto, NewPago, Page, Pago, PagoId, Timestamp, Veredicto};

/// The pagos.
pub trait PagoRepository: Send + Sync {
    /// Decides a batch of pagos as one unit, in the order in which they stand, each on the balance that the ones before it left;
    /// debits the clientes and notes the accepted pagos as `PROCESADO`, and keeps the outcomes of those with a key. There are as many
    /// answers as orders, in the same order.
    ///
    /// An error is one of the whole batch. [`remedy`](RepositoryError::remedy) says whether it may have been committed all the same.
    fn decidir(&self, batch: Batch, paciencia: LockWait) -> BoxFuture<'_, Vec<Respuesta>>;

    /// Decides one pago.
    fn procesar(&self, nuevo: NewPago) -> BoxFuture<'_, Decision> {
        Box::pin(async move {
            let batch = Batch::from([PagoOrder { nuevo, clave: None }]);
            match self.decidir(batch, LockWait::Espera).await?.pop() {
                Some(Ok(Atencion::Decidida(Resolucion::Nueva(decision)))) => Ok(decision),
                Some(Err(error)) => Err(error),
                _ => Err(RepositoryError::internal("a pago without a key is decided")),
            }
        })
    }

    /// Annuls a pago: gives its amount back, as one unit.
    fn anular(&self, id: PagoId, clave: Option<Clave>) -> BoxFuture<'_, Resolucion<Anulacion>>;

    /// The pago with this id, if there is one.
    fn obtener(&self, id: PagoId) -> BoxFuture<'_, Option<Pago>>;

    /// The pagos that pass the filter, by id.
    fn listar(&self, filtro: PagoFilter) -> BoxFuture<'_, Vec<Pago>>;
}

/// Pagos to be decided together.
pub type Batch = Arc<[PagoOrder]>;

/// What is answered of one order of a batch. An error is its own: the others are not affected.
pub type Respuesta = Result<Atencion, RepositoryError>;

/// A pago to be decided, and its key if it has one. No two orders of a batch have the same key.
#[derive(Clone, Debug)]
pub struct PagoOrder {
    /// The pago.
    pub nuevo: NewPago,
    /// Its key.
    pub clave: Option<Clave>,
}

/// What is done about a cliente whose row another transaction holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockWait {
    /// Its orders are passed over.
    Skip,
    /// It is waited for, as long as the database allows.
    Espera,
}

/// Whether an order was attended to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Atencion {
    /// Decided, now or before.
    Decidida(Resolucion<Decision>),
    /// Passed over: another transaction holds the cliente's row.
    Pospuesta,
}

/// Which pagos are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PagoFilter {
    /// Only those of this cliente.
    pub cliente_id: Option<ClienteId>,
    /// Only those in this state.
    pub estado: Option<Estado>,
    /// Which part of the list.
    pub page: Page,
}

/// What is decided of a pago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Debited and noted.
    Aceptado {
        /// The pago, with its id.
        pago: Pago,
        /// The balance it left.
        nuevo_saldo: Monto,
    },
    /// There is no such cliente.
    ClienteNoEncontrado,
    /// The cliente has less.
    SaldoInsuficiente {
        /// What it has.
        saldo: Monto,
    },
    /// The cliente pays in another currency.
    MonedaNoCoincide {
        /// The cliente's.
        moneda: Moneda,
    },
}

impl Decision {
    /// The verdict on a pago that gets this id and this instant if it is accepted.
    pub(super) fn of(veredicto: Veredicto, nuevo: &NewPago, id: PagoId, created_at: Timestamp) -> Self {
        match veredicto {
            Veredicto::Aceptado { nuevo_saldo } => Self::Aceptado { pago: procesado(nuevo, id, created_at), nuevo_saldo },
            Veredicto::ClienteNoEncontrado => Self::ClienteNoEncontrado,
            Veredicto::SaldoInsuficiente { saldo } => Self::SaldoInsuficiente { saldo },
            Veredicto::MonedaNoCoincide { moneda } => Self::MonedaNoCoincide { moneda },
        }
    }
}

fn procesado(nuevo: &NewPago, id: PagoId, created_at: Timestamp) -> Pago {
    let NewPago { cliente_id, monto, moneda } = *nuevo;
    Pago { id, cliente_id, monto: monto.monto(), moneda, estado: Estado::Procesado, created_at }
}

/// What became of [`PagoRepository::anular`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anulacion {
    /// Annulled, and given back.
    Anulado {
        /// The pago as it is now.
        pago: Pago,
        /// The cliente's balance with the amount back on it.
        nuevo_saldo: Monto,
    },
    /// There is no such pago.
    NoEncontrado,
    /// Its state does not allow it.
    NoAnulable {
        /// The state it is in.
        estado: Estado,
    },
    /// The balance would pass the largest amount; nothing was changed.
    SaldoExcedido {
        /// What would have been given back.
        monto: Monto,
    },
}
