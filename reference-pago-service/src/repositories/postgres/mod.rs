//! PostgreSQL: each operation is one statement, in a task of its own.
//!
//! There is no `begin` (but for the [room] that is asked for, and not kept): the server's implicit transaction ends with the statement, whatever
//! becomes of this process. A row is locked by the statement that changes it, and
//! `read committed` shows the locking query the newest version of the row. Writes read all rows of
//! their answer: sqlx returns the first one of `fetch_optional` before it has seen the commit.

mod annulments;
mod batch;
mod clientes;
pub(super) mod ledger;
mod outcomes;
mod pagos;
mod readers;
mod recargas;
mod room;

pub(super) use batch::DECISIONS;
pub(super) use clientes::Clientes;
pub(super) use outcomes::Outcomes;
pub(super) use pagos::Pagos;
pub(super) use room::look_for_room;
