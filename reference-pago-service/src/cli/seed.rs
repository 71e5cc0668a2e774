//! `seed`: clientes to try the service with.

use clap::Args;
use standards_axum::Exit;

use super::failed::fail;
use super::output::{open_database, say};
use crate::database::{Database, RepositoryError};
use crate::migrate::MigrationError;
use crate::models::{Email, Moneda, Monto, NewCliente, Nombre, Rejected};
use crate::repositories::{self, ClienteRepository};

#[derive(Clone, Debug, Args)]
pub(super) struct Seed {
    /// How many clientes there shall be.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    clientes: u32,
    /// The opening balance of each.
    #[arg(long, default_value = "1000.00")]
    saldo: Monto,
}

/// Why the clientes could not be registered.
#[derive(Debug, thiserror::Error)]
enum SeedError {
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    #[error(transparent)]
    Migration(#[from] MigrationError),
    #[error(transparent)]
    Value(#[from] Rejected),
}

pub(super) async fn run(command: Seed) -> Exit {
    let database = match open_database().await {
        Ok(database) => database,
        Err(exit) => return exit,
    };
    let outcome = seed(&database, &command).await;
    database.close().await;
    match outcome {
        Ok(created) => {
            say(format!("{created} clientes registered, {} were there", command.clientes - created));
            Exit::Stopped
        }
        Err(error) => fail(&error),
    }
}

/// Registers the clientes that are missing; those of an earlier run stay as they are.
async fn seed(database: &Database, command: &Seed) -> Result<u32, SeedError> {
    database.migrate_up().await?;
    let clientes = repositories::open(database).clientes;
    let mut created = 0;
    for number in 1..=command.clientes {
        if register(&*clientes, number, command.saldo).await? {
            created += 1;
        }
    }
    Ok(created)
}

async fn register(clientes: &dyn ClienteRepository, number: u32, saldo: Monto) -> Result<bool, SeedError> {
    let nombre: Nombre = format!("Cliente {number}").parse()?;
    let email: Email = format!("cliente{number}@example.com").parse()?;
    let created = clientes.create(NewCliente { nombre, email, saldo, moneda: Moneda::default() }).await?;
    Ok(created.is_ok())
}
