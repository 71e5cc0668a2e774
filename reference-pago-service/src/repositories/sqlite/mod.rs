//! SQLite: each write is one immediate transaction on the single writer, in a task of its own.

mod anulaciones;
mod claves;
mod clientes;
pub(super) mod ledger;
mod lotes;
mod pagos;
mod reloj;
mod unit;

pub(super) use claves::Claves;
pub(super) use clientes::Clientes;
pub(super) use pagos::Pagos;
