//! `migrate up` and `migrate status`.

use clap::Subcommand;
use standards_axum::Exit;
use standards_axum::cli::say;
use standards_core::Fatal;

use crate::database::Database;
use crate::migrate::{Adoption, LegacyTables, MigrationStatus};

#[derive(Clone, Copy, Debug, Subcommand)]
pub(super) enum Migrate {
    /// Apply the migrations that the database lacks; one that the guideline's Alembic migration made is adopted with its rows.
    Up,
    /// List the migrations; status 1 while any is pending.
    Status,
}

pub(super) async fn run(command: Migrate, database: &Database) -> Result<Exit, Fatal> {
    match command {
        Migrate::Up => up(database).await,
        Migrate::Status => status(database).await,
    }
}

async fn up(database: &Database) -> Result<Exit, Fatal> {
    if let Some(Adoption { clientes, pagos }) = database.migrate_up().await? {
        say(format!("adopted: {clientes} clientes, {pagos} pagos"));
    }
    status(database).await
}

async fn status(database: &Database) -> Result<Exit, Fatal> {
    let legacy = database.legacy_tables().await?;
    if legacy != LegacyTables::Absent {
        say(legacy);
    }
    let versions = database.migrate_status().await?;
    versions.iter().map(line).for_each(say);
    let complete = versions.iter().all(|version| version.applied);
    Ok(if complete { Exit::Stopped } else { Exit::Failed })
}

fn line(version: &MigrationStatus) -> String {
    let state = if version.applied { "applied" } else { "pending" };
    format!("{:04} {state} {}", version.version, version.description)
}
