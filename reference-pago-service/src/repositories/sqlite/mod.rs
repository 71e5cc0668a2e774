//! SQLite: each write is one immediate transaction on the single writer, in a task of its own.

mod annulments;
mod batch;
mod clientes;
mod clock;
pub(super) mod ledger;
mod outcomes;
mod pagos;

pub(super) use clientes::Clientes;
pub(super) use outcomes::Outcomes;
pub(super) use pagos::Pagos;
