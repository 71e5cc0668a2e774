//! What is asked about pagos.

use crate::database::Futuro;
use crate::models::{ClienteId, Estado, Moneda, Monto, NuevoPago, Paginacion, Pago, PagoId};

/// The pagos.
pub trait PagoRepository: Send + Sync {
    /// Decide a pago: debit the cliente and note the pago as `PROCESADO`, as one unit, or do
    /// neither. Pagos of one cliente are decided one after the other, each on the balance that
    /// the one before left.
    fn procesar(&self, nuevo: NuevoPago) -> Futuro<'_, Decision>;

    /// The pago with this id, if there is one.
    fn obtener(&self, id: PagoId) -> Futuro<'_, Option<Pago>>;

    /// The pagos that pass the filter, by id.
    fn listar(&self, filtro: FiltroPagos) -> Futuro<'_, Vec<Pago>>;
}

/// Which pagos are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FiltroPagos {
    /// Only those of this cliente.
    pub cliente_id: Option<ClienteId>,
    /// Only those in this state.
    pub estado: Option<Estado>,
    /// Which part of the list.
    pub paginacion: Paginacion,
}

/// What became of [`PagoRepository::procesar`].
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
