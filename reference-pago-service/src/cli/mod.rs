//! The command line.

mod config;
mod describe;
mod failed;
mod healthcheck;
mod migrate;
mod output;
mod seed;
mod verify_ledger;

use clap::{Parser, Subcommand};
use standards_axum::{Exit, StopSignal};

use crate::app;
use crate::config::ServiceSettings;

/// The payment API: clientes, recargas and pagos over HTTP.
///
/// Settings come from the environment and from `.env`; `config describe` lists them.
#[derive(Debug, Parser)]
#[command(version, about, long_about = None)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API until SIGTERM or SIGINT (the default).
    Serve,
    /// Bring the database's schema up to date, or tell what it lacks.
    #[command(subcommand)]
    Migrate(migrate::Migrate),
    /// Check that every balance is its recargas less its pagos; status 1 on any violation. Only reads.
    VerifyLedger,
    /// Check or describe the settings.
    #[command(subcommand)]
    Config(config::Config),
    /// Print the OpenAPI document.
    Openapi,
    /// Print the error catalogue as a table.
    Errors,
    /// Ask a running service whether it is ready; status 0 when it is.
    Healthcheck(healthcheck::Healthcheck),
    /// Register clientes with a balance, for demonstrations and load tests.
    Seed(seed::Seed),
}

/// Runs the command that the process was started with and says how it ends.
pub async fn run() -> Exit {
    match Cli::try_parse() {
        Ok(cli) => output::end(cli.command.unwrap_or(Command::Serve).run().await),
        Err(usage) => output::usage(&usage),
    }
}

impl Command {
    async fn run(self) -> Exit {
        match self {
            Self::Serve => serve().await,
            Self::Migrate(command) => migrate::run(command).await,
            Self::VerifyLedger => verify_ledger::run().await,
            Self::Config(command) => config::run(command),
            Self::Openapi => describe::openapi(),
            Self::Errors => describe::errors(),
            Self::Healthcheck(command) => healthcheck::run(command).await,
            Self::Seed(command) => seed::run(command).await,
        }
    }
}

/// Heeds a stop from the very start on: as the first process of a container it would not get it otherwise.
async fn serve() -> Exit {
    let stop = match StopSignal::watch() {
        Ok(stop) => stop,
        Err(error) => return failed::fail(&error),
    };
    match ServiceSettings::load() {
        Ok(settings) => app::serve(settings, stop).await,
        Err(problems) => Exit::misconfigured(app::info(), &problems),
    }
}
