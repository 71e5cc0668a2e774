//! What the service asks of a database, and the two that answer.
//!
//! The traits say what holds for both engines; one suite of tests (`tests/api/repositories`) runs
//! against each. What a caller must decide upon (no such cliente, balance too small, ...) is an
//! outcome; a
//! [`RepositoryError`](crate::database::RepositoryError) is only a database that could not answer.
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
mod stored;

use std::sync::Arc;

pub use clientes::{Actualizacion, ClienteFilter, ClienteRepository, Creacion, Eliminacion, Recarga};
pub use ledger::{Libro, Regla, Violacion, verificar};
pub use outcomes::{Clave, OutcomeRepository, Resolucion, StoredOutcome};
pub use pagos::{Anulacion, Atencion, Batch, Decision, LockWait, PagoFilter, PagoOrder, PagoRepository, Respuesta};
pub use stored::Stored;

use crate::database::Database;

/// The repositories of one database.
#[derive(Clone)]
pub struct Repositories {
    /// The clientes and their recargas.
    pub clientes: Arc<dyn ClienteRepository>,
    /// The pagos.
    pub pagos: Arc<dyn PagoRepository>,
    /// The outcomes that are kept under a key.
    pub claves: Arc<dyn OutcomeRepository>,
}

/// The repositories of `database`.
#[must_use]
pub fn abrir(database: &Database) -> Repositories {
    match database {
        Database::Sqlite(sqlite) => Repositories {
            clientes: Arc::new(sqlite::Clientes::new(sqlite)),
            pagos: Arc::new(sqlite::Pagos::new(sqlite)),
            claves: Arc::new(sqlite::Keys::new(sqlite)),
        },
        Database::Postgres(postgres) => Repositories {
            clientes: Arc::new(postgres::Clientes::new(postgres)),
            pagos: Arc::new(postgres::Pagos::new(postgres)),
            claves: Arc::new(postgres::Keys::new(postgres)),
        },
    }
}
