//! Nothing is served before the database has the schema that this version knows.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::http::request::Parts;
use standards_axum::ApiError;
use standards_axum::layers::GuardLayer;
use standards_core::log::{LogLevel, Record};
use standards_core::{Failure, context};

use crate::database::{Database, ErrorKind, RepositoryError};
use crate::migrate::{Adoption, MigrationError};

/// How often a database that is not there is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// Whether the schema is known to be in place. Clones share the answer.
#[derive(Clone, Debug, Default)]
pub struct SchemaGate(Arc<AtomicBool>);

/// Why a service must not start.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// `MIGRATE_ON_START=false`, and somebody has to run `migrate up` first.
    #[error("the database lacks migrations and MIGRATE_ON_START is false: run `migrate up`")]
    Pending,
    /// The migrations that it lacks cannot be applied, or were made by a newer release.
    #[error("the database schema could not be brought up to date")]
    Failed(#[source] MigrationError),
    /// The database is not there for now.
    #[error(transparent)]
    Unavailable(RepositoryError),
    /// The database is not fit for this service.
    #[error(transparent)]
    Unusable(RepositoryError),
}

impl SchemaGate {
    /// Brings the schema up to date, or checks that it is, and opens the gate.
    ///
    /// A database that is not there now is tried again in the background; until it answers, requests get 503 and the service is
    /// not ready.
    ///
    /// # Errors
    ///
    /// When the database answers and the schema cannot be used.
    pub async fn open(&self, database: &Database, migrate: bool) -> Result<(), SchemaError> {
        match prepare(database, migrate).await {
            Ok(()) => {
                self.0.store(true, Ordering::Release);
                Ok(())
            }
            Err(SchemaError::Unavailable(error)) => {
                let failure = Failure::from(error);
                Record::new(LogLevel::Warning, "Base de datos no disponible, se reintenta")
                    .field("cause", failure.cause_chain())
                    .failure(&failure)
                    .emit();
                context::spawn(self.clone().keep_trying(database.clone(), migrate));
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    async fn keep_trying(self, database: Database, migrate: bool) {
        let mut last = String::new();
        loop {
            tokio::time::sleep(RETRY).await;
            match prepare(&database, migrate).await {
                Ok(()) => break,
                Err(SchemaError::Unavailable(_)) => {}
                // Told once: it stays so until somebody mends the database.
                Err(error) if error.to_string() != last => {
                    last = error.to_string();
                    Record::new(LogLevel::Error, "El esquema de la base de datos no se puede usar").error(&error).emit();
                }
                Err(_) => {}
            }
        }
        self.0.store(true, Ordering::Release);
        Record::new(LogLevel::Info, "Base de datos disponible").emit();
    }

    /// Whether requests may pass.
    ///
    /// # Errors
    ///
    /// 503 while they may not.
    pub fn check(&self) -> Result<(), Failure> {
        if self.0.load(Ordering::Acquire) {
            return Ok(());
        }
        Err(Failure::unavailable("the database schema is not in place yet"))
    }

    /// 503 for every request until the gate is open.
    #[must_use]
    pub fn layer(&self) -> GuardLayer<impl Fn(&Parts) -> Result<(), ApiError> + Clone + Send + Sync + use<>> {
        let gate = self.clone();
        GuardLayer::new(move |_: &Parts| Ok(gate.check()?))
    }
}

async fn prepare(database: &Database, migrate: bool) -> Result<(), SchemaError> {
    // A silent server would hold up the start for as long as a migration may wait: the ping has less patience.
    database.ping().await.map_err(unusable)?;
    database.examine().await.map_err(unusable)?;
    if migrate {
        let adoption = database.migrate_up().await.map_err(not_migrated)?;
        adoption.iter().for_each(tell);
        return Ok(());
    }
    let state = database.schema_state().await.map_err(unusable)?;
    if !state.pending.is_empty() {
        return Err(SchemaError::Pending);
    }
    if let Some(newest) = state.unknown.iter().max() {
        let message = "La base de datos es de una versión más nueva del servicio, que aquí no se conoce";
        Record::new(LogLevel::Warning, message).field("migration", *newest).emit();
    }
    Ok(())
}

/// A database that is not there is waited for; one that cannot be used, or whose certificate is not trusted, is not.
fn unusable(error: RepositoryError) -> SchemaError {
    match error.kind() {
        ErrorKind::Unavailable if !error.is_untrusted() => SchemaError::Unavailable(error),
        _ => SchemaError::Unusable(error),
    }
}

/// What went away meanwhile is waited for as well.
fn not_migrated(error: MigrationError) -> SchemaError {
    match error {
        MigrationError::Repository(error) if error.kind() == ErrorKind::Unavailable => unusable(error),
        error => SchemaError::Failed(error),
    }
}

fn tell(Adoption { clientes, pagos }: &Adoption) {
    Record::new(LogLevel::Info, "Base de datos anterior adoptada").field("clientes", *clientes).field("pagos", *pagos).emit();
}
