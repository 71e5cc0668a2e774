//! SQLite: each write is one immediate transaction on the single writer, in a task of its own.

mod clientes;
pub(super) mod ledger;
mod pagos;
mod unit;

pub(super) use clientes::Clientes;
pub(super) use pagos::Pagos;
