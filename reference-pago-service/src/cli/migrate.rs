//! `migrate up` and `migrate status`.

use clap::Subcommand;
use standards_axum::Exit;

use super::failed::fail;
use super::output::{open_database, say};
use crate::database::Database;
use crate::migrate::{Adoption, LegacyTables, MigrationError, MigrationStatus};

#[derive(Clone, Copy, Debug, Subcommand)]
pub(super) enum Migrate {
    /// Apply the migrations that the database lacks; one that the guideline's Alembic migration made is adopted with its rows.
    Up,
    /// List the migrations; status 1 while any is pending.
    Status,
}

pub(super) async fn run(command: Migrate) -> Exit {
    let database = match open_database().await {
        Ok(database) => database,
        Err(exit) => return exit,
    };
    let outcome = match command {
        Migrate::Up => up(&database).await,
        Migrate::Status => status(&database).await,
    };
    database.close().await;
    outcome.unwrap_or_else(|error| fail(&error))
}

async fn up(database: &Database) -> Result<Exit, MigrationError> {
    if let Some(Adoption { clientes, pagos }) = database.migrate_up().await? {
        say(format!("adopted: {clientes} clientes, {pagos} pagos"));
    }
    status(database).await
}

async fn status(database: &Database) -> Result<Exit, MigrationError> {
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
