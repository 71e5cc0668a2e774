//! The command line: what every service has, and the commands of this one.

mod acknowledged;
mod doctor;
mod metrics;
mod migrate;
mod seed;
mod verify_ledger;

use clap::Subcommand;
use standards_axum::Exit;
use standards_axum::cli::Cli;
use standards_core::Fatal;
use standards_core::settings::Settings;

use crate::config::ServiceSettings;
use crate::database::Database;
use crate::{api, app};

#[derive(Debug, Subcommand)]
enum Command {
    /// Check the settings, the addresses, the database, its disk and Redis, and say what to do; status 1 when a check fails. Only reads.
    Doctor(doctor::Doctor),
    /// Bring the database's schema up to date, or tell what it lacks.
    #[command(subcommand)]
    Migrate(migrate::Migrate),
    /// Check that every balance is its recargas less its pagos; status 1 on any violation. Only reads.
    VerifyLedger(verify_ledger::VerifyLedger),
    /// List what `/metrics` tells Prometheus, as a page in Markdown.
    Metrics,
    /// Register clientes with a balance, for demonstrations and load tests.
    Seed(seed::Seed),
}

/// Runs the command that the process was started with and says how it ends.
pub async fn run() -> Exit {
    Cli::new(app::info())
        .about("The payment API: clientes, recargas and pagos over HTTP")
        .api(|| api::router().document_security())
        .openapi(app::api)
        .commands(Command::run)
        .serve(app::start)
        .await
}

impl Command {
    async fn run(self) -> Result<Exit, Fatal> {
        match self {
            Self::Metrics => return Ok(metrics::run()),
            Self::Doctor(command) => return doctor::run(command).await,
            _ => {}
        }
        let database = open_database().await?;
        let outcome = self.run_on(&database).await;
        database.close().await;
        outcome
    }

    async fn run_on(self, database: &Database) -> Result<Exit, Fatal> {
        match self {
            Self::Migrate(command) => migrate::run(command, database).await,
            Self::Metrics => Ok(metrics::run()),
            Self::Doctor(command) => doctor::run(command).await,
            Self::VerifyLedger(command) => verify_ledger::run(command, database).await,
            Self::Seed(command) => seed::run(&command, database).await,
        }
    }
}

/// Opens the configured database.
async fn open_database() -> Result<Database, Fatal> {
    let settings = ServiceSettings::load()?.database;
    Ok(Database::open(&settings.url, &settings.options()).await?)
}
