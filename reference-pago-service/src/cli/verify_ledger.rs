//! `verify-ledger`: whether the books add up.

use standards_axum::Exit;

use super::failed::fail;
use super::output::{open_database, say};
use crate::database::{Database, RepositoryError};
use crate::repositories::verify_ledger;

/// Why the books cannot be checked.
#[derive(Debug, thiserror::Error)]
enum LedgerError {
    #[error("the database has no ledger yet: run `migrate up`")]
    Missing,
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

pub(super) async fn run() -> Exit {
    let database = match open_database().await {
        Ok(database) => database,
        Err(exit) => return exit,
    };
    let outcome = verify(&database).await;
    database.close().await;
    outcome.unwrap_or_else(|error| fail(&error))
}

async fn verify(database: &Database) -> Result<Exit, LedgerError> {
    if lacks_tables(database).await {
        return Err(LedgerError::Missing);
    }
    let mut violations = 0_u64;
    let checked = verify_ledger(database, |violation| {
        violations += 1;
        say(violation);
    });
    let ledger = checked.await?;
    say(format!("ledger: {} clientes, {} pagos, {violations} violations", ledger.clientes, ledger.pagos));
    Ok(if violations == 0 { Exit::Stopped } else { Exit::Failed })
}

/// A role that may not read the versions may still read the books.
async fn lacks_tables(database: &Database) -> bool {
    let versions = database.migrate_status().await;
    versions.is_ok_and(|versions| versions.iter().all(|version| !version.applied))
}
