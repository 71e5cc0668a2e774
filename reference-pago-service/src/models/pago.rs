//! The pago: a debit of a cliente's balance.

use super::{ClienteId, Estado, Instante, Moneda, Monto, MontoPositivo, PagoId};

/// A pago as the database holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pago {
    /// Given by the database, never reused.
    pub id: PagoId,
    /// Whose balance it debits.
    pub cliente_id: ClienteId,
    /// How much, always above zero.
    pub monto: Monto,
    /// The currency of the cliente.
    pub moneda: Moneda,
    /// Whether it counts.
    pub estado: Estado,
    /// When it was made.
    pub created_at: Instante,
}

/// A pago to be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NuevoPago {
    /// Who pays.
    pub cliente_id: ClienteId,
    /// How much.
    pub monto: MontoPositivo,
    /// In which currency.
    pub moneda: Moneda,
}
