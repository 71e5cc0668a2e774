//! PostgreSQL: each write is one data-modifying statement.
//!
//! There is no `begin`: the server's implicit transaction ends with the statement, whatever
//! becomes of the future that waits for it. A row is locked by the statement that changes it, and
//! `read committed` shows the locking query the newest version of the row.

mod clientes;
pub(super) mod ledger;
mod pagos;

pub(super) use clientes::Clientes;
pub(super) use pagos::Pagos;
