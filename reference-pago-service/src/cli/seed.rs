//! `seed`: clientes to try the service with.

use clap::Args;
use standards_axum::Exit;
use standards_axum::cli::say;
use standards_core::Fatal;

use crate::database::Database;
use crate::models::{Email, Moneda, Monto, NewCliente, Nombre};
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

/// Registers the clientes that are missing; those of an earlier run stay as they are.
pub(super) async fn run(command: &Seed, database: &Database) -> Result<Exit, Fatal> {
    database.migrate_up().await?;
    let clientes = repositories::open(database).clientes;
    let mut created = 0;
    for number in 1..=command.clientes {
        if register(&*clientes, number, command.saldo).await? {
            created += 1;
        }
    }
    say(format!("{created} clientes registered, {} were there", command.clientes - created));
    Ok(Exit::Stopped)
}

async fn register(clientes: &dyn ClienteRepository, number: u32, saldo: Monto) -> Result<bool, Fatal> {
    let nombre: Nombre = format!("Cliente {number}").parse()?;
    let email: Email = format!("cliente{number}@example.com").parse()?;
    let created = clientes.create(NewCliente { nombre, email, saldo, moneda: Moneda::default() }).await?;
    Ok(created.is_ok())
}
