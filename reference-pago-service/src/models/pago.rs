//! The pago: a debit of a cliente's balance.

use super::{ClienteId, Estado, Moneda, Monto, PagoId, PositiveMonto, Timestamp};

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
    pub created_at: Timestamp,
}

/// A pago to be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewPago {
    /// Who pays.
    pub cliente_id: ClienteId,
    /// How much.
    pub monto: PositiveMonto,
    /// In which currency.
    pub moneda: Moneda,
}
