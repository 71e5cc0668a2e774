//! `verify-ledger`: whether the books add up.

use standards_axum::Exit;
use standards_axum::cli::say;
use standards_core::Fatal;

use crate::database::Database;
use crate::repositories::verify_ledger;

pub(super) async fn run(database: &Database) -> Result<Exit, Fatal> {
    if lacks_tables(database).await {
        return Err(Fatal::new("the database has no ledger yet: run `migrate up`"));
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
