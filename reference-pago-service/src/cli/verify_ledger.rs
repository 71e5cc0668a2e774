//! `verify-ledger`: whether the books add up.

use std::path::PathBuf;

use clap::Args;
use standards_axum::Exit;
use standards_axum::cli::say;
use standards_core::Fatal;

use super::acknowledged;
use crate::database::Database;
use crate::repositories::verify_ledger;

#[derive(Clone, Debug, Default, Args)]
pub(super) struct VerifyLedger {
    /// Look whether the database has every pago that this log of the service acknowledges, too; `-` is standard input. After a
    /// failover or a restore it names what is lost.
    #[arg(long, value_name = "FILE")]
    log: Vec<PathBuf>,
}

pub(super) async fn run(command: VerifyLedger, database: &Database) -> Result<Exit, Fatal> {
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
    let mut is_good = violations == 0;
    for log in &command.log {
        is_good &= acknowledged::compare(log, database).await?.is_whole();
    }
    Ok(if is_good { Exit::Stopped } else { Exit::Failed })
}

/// A role that may not read the versions may still read the books.
async fn lacks_tables(database: &Database) -> bool {
    let versions = database.migrate_status().await;
    versions.is_ok_and(|versions| versions.iter().all(|version| !version.applied))
}
