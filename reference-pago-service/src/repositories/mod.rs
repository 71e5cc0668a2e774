//! What the service asks of a database, and the two that answer.
//!
//! The traits say what holds for both engines; one suite of tests (`tests/api/repositories`) runs
//! against each. What a caller must decide upon (no such cliente, balance too small, ...) is a
//! refusal of the catalogue; a [`RepositoryError`] is only a database that could not answer.
//!
//! A caller may drop any of these futures at any time: a write then happens whole or not at all,
//! and every connection comes back clean.

mod clientes;
mod ledger;
mod outcomes;
mod pagos;
mod postgres;
mod rows;
mod sqlite;
pub(crate) mod survey;

use std::sync::Arc;

pub use clientes::ClienteRepository;
pub use ledger::{Ledger, Rule, Violation, verify_ledger};
pub use outcomes::{OutcomeRepository, Stored, StoredOutcome};
pub use pagos::{Batch, LockWait, PagoOrder, PagoRepository};

use crate::database::{Database, RepositoryError};

/// The repositories of one database.
#[derive(Clone)]
pub struct Repositories {
    /// The clientes and their recargas.
    pub clientes: Arc<dyn ClienteRepository>,
    /// The pagos.
    pub pagos: Arc<dyn PagoRepository>,
    /// The outcomes that are kept under a key.
    pub outcomes: Arc<dyn OutcomeRepository>,
}

/// The repositories of `database`.
#[must_use]
pub fn open(database: &Database) -> Repositories {
    match database {
        Database::Sqlite(sqlite) => Repositories {
            clientes: Arc::new(sqlite::Clientes::new(sqlite)),
            pagos: Arc::new(sqlite::Pagos::new(sqlite)),
            outcomes: Arc::new(sqlite::Outcomes::new(sqlite)),
        },
        Database::Postgres(postgres) => Repositories {
            clientes: Arc::new(postgres::Clientes::new(postgres)),
            pagos: Arc::new(postgres::Pagos::new(postgres)),
            outcomes: Arc::new(postgres::Outcomes::new(postgres)),
        },
    }
}

/// Ask the database whether it is there and can be written to.
///
/// # Errors
///
/// Those of [`Database::ping`], and those of writing to a disk that was full.
pub async fn ping(database: &Database) -> Result<(), RepositoryError> {
    database.ping().await?;
    match database {
        Database::Postgres(postgres) if postgres.is_full() => postgres::look_for_room(postgres).await,
        // SQLite's own ping has written, where that was in doubt.
        _ => Ok(()),
    }
}
