//! A service in the standard. This file is its infrastructure: settings, database, health.
//!
//! The rest stands in rooms that point one way: `api` -> `services` -> `repositories`, with `schemas` and `errors` beneath them.

mod api;
mod errors;
mod repositories;
mod schemas;
mod services;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use standards_axum::prelude::*;
use standards_axum::{Service, ServiceInfo};

pub use api::api;

use crate::repositories::ProductoRepository;
use crate::services::ProductoService;

settings! {
    /// What the service is configured with.
    pub struct Ajustes {
        ..standard: StandardSettings;
        /// SQLite database, made where there is none (`sqlite://productos.db`).
        database_url: SqliteConnectOptions = "DATABASE_URL", required;
    }
}

/// Who the service is: its name and version in the log and in the document.
pub fn info() -> ServiceInfo {
    service_info!()
}

/// The service under these settings, its database open and migrated.
///
/// # Errors
///
/// When the database cannot be opened or migrated: one record with the cause, and status 1.
pub async fn servicio(ajustes: Ajustes) -> Result<Service, Fatal> {
    let pool = abrir(ajustes.database_url).await?;
    let (asked, closed) = (pool.clone(), pool.clone());
    let productos = ProductoService::new(ProductoRepository::new(pool));
    Ok(Service::new(info(), ajustes.standard)
        .api(api().with_state(productos))
        .readiness(Readiness::default().with_check("base de datos", move || responde(asked.clone())))
        .on_stop(async move || closed.close().await))
}

async fn abrir(database: SqliteConnectOptions) -> Result<SqlitePool, Fatal> {
    let pool = SqlitePool::connect_with(database.create_if_missing(true)).await?;
    sqlx::migrate!().run(&pool).await?;
    Ok(pool)
}

async fn responde(pool: SqlitePool) -> Result<(), Failure> {
    sqlx::query("select 1").execute(&pool).await?;
    Ok(())
}
