//! A service as a team writes it: an inventory in a database of its own, and purchases for which another service is paid.
//!
//! This file is its infrastructure, at most 60 lines, which a test counts. The rest is productos, movimientos and compras, and `client.rs`,
//! the call of another service. `cargo run -p examples --bin inventario`, and `-- --help` for what else it can be asked.

mod api;
mod client;
mod errors;
mod pagos;
mod schemas;
mod store;

use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use standards_axum::core::context::spawn_worker;
use standards_axum::core::idempotency::{IdempotencyStore, sql::SqliteStore};
use standards_axum::prelude::*;
use standards_axum::{Service, ServiceInfo, url::Url};

settings! {
    /// What the service is configured with.
    pub struct Ajustes {
        ..standard: StandardSettings;
        /// SQLite database, made where there is none.
        database_url: String = "DATABASE_URL", otherwise "sqlite://inventario.db";
        /// Where the payment service is.
        pagos_url: Url = "PAGOS_URL", otherwise "http://127.0.0.1:8000";
        /// Milliseconds that the payment service has to answer.
        pagos_timeout: Duration = "PAGOS_TIMEOUT_MS", otherwise "2000";
    }
}

/// The state of the service: handlers ask for it with `State`.
#[derive(Clone)]
struct Estado {
    pool: SqlitePool,
    idempotencia: SqliteStore,
    pagos: pagos::Pagos,
}

/// The database, with every migration done.
async fn abrir(url: &str) -> Result<SqlitePool, Fatal> {
    let pool = SqlitePool::connect_with(url.parse::<SqliteConnectOptions>()?.create_if_missing(true)).await?;
    sqlx::migrate!("inventario/migrations").run(&pool).await?;
    Ok(pool)
}

/// The service on an open database.
fn servicio(ajustes: Ajustes, pool: SqlitePool) -> Service {
    let pagos = pagos::Pagos::new(client::Client::new(ajustes.pagos_url, ajustes.pagos_timeout));
    let (asked, closed, idempotencia) = (pool.clone(), pool.clone(), SqliteStore::new(pool.clone()));
    spawn_worker(olvidar(idempotencia.clone()));
    Service::new(info(), ajustes.standard)
        .api(api::api().with_state(Estado { pool, idempotencia, pagos }))
        .readiness(Readiness::default().with_check("base de datos", move || store::responde(asked.clone())))
        .on_stop(async move || closed.close().await)
}

/// Deletes the outcomes of keys that are a day old.
async fn olvidar(idempotencia: SqliteStore) {
    let mut turns = tokio::time::interval(Duration::from_secs(60));
    loop {
        turns.tick().await;
        if let Err(failure) = idempotencia.reap(Duration::from_secs(24 * 60 * 60), 500).await {
            warn!(error = failure.cause(), "No se pudieron borrar claves vencidas");
        }
    }
}

fn info() -> ServiceInfo {
    ServiceInfo { name: "ms-inventario", ..service_info!() }
}

#[tokio::main]
async fn main() -> Exit {
    let start = async |ajustes: Ajustes| Ok::<_, Fatal>(servicio(ajustes.clone(), abrir(&ajustes.database_url).await?));
    Cli::new(info()).about("Keeps an inventory").api(api::api).serve(start).await
}

#[cfg(test)]
mod tests;
