//! The cliente: who has a balance.

use super::{ClienteId, Email, Moneda, Monto, Nombre, Timestamp};

/// A cliente as the database holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cliente {
    /// Given by the database, never reused.
    pub id: ClienteId,
    /// As it was given.
    pub nombre: Nombre,
    /// As it was given; no two clientes have the same, case aside.
    pub email: Email,
    /// The sum of its recargas less the sum of its pagos in state `PROCESADO`.
    pub saldo: Monto,
    /// The only currency it pays in.
    pub moneda: Moneda,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// A cliente to be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCliente {
    /// Its name.
    pub nombre: Nombre,
    /// Its e-mail address.
    pub email: Email,
    /// Its opening balance; when above zero it becomes the first recarga.
    pub saldo: Monto,
    /// Its currency.
    pub moneda: Moneda,
}
