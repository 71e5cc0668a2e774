//! PostgreSQL: each operation is one statement, in a task of its own.
//!
//! There is no `begin`: the server's implicit transaction ends with the statement, whatever
//! becomes of this process. A row is locked by the statement that changes it, and
//! `read committed` shows the locking query the newest version of the row.

mod clientes;
pub(super) mod ledger;
mod pagos;

pub(super) use clientes::Clientes;
pub(super) use pagos::Pagos;
