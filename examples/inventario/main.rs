//! A service as a team writes it: an inventory in a database of its own, and purchases for which another service is paid.
//!
//! This file is its infrastructure, at most 60 lines, which a test counts. The rest is productos, movimientos and compras.
//!
//! `cargo run -p examples --bin inventario`, and `-- --help` for what else it can be asked.
//!
//! ```console
//! $ curl -s -o /dev/null -w '%{http_code}\n' http://127.0.0.1:8000/api/v1/productos -H 'Content-Type: application/json' -d '{"sku": "ABC-0001", "nombre": "Harina", "categoria": "ALIMENTO", "proveedor": {"nombre": "Acme"}, "minimo": 3}'
//! 200
//! $ curl -s http://127.0.0.1:8000/api/v1/movimientos -H 'Idempotency-Key: m-1' -H 'Content-Type: application/json' -d '{"producto_id": 1, "tipo": "ENTRADA", "cantidad": "2.5", "fecha": "2026-01-02"}'
//! {"success":true,"data":{"id":1,"producto_id":1,"tipo":"ENTRADA","cantidad":"2.500","fecha":"2026-01-02","stock":"2.500"},"errors":[]}
//! $ curl -s -o /dev/null -w '%header{idempotent-replayed}\n' http://127.0.0.1:8000/api/v1/movimientos -H 'Idempotency-Key: m-1' -H 'Content-Type: application/json' -d '{"producto_id": 1, "tipo": "ENTRADA", "cantidad": "2.5", "fecha": "2026-01-02"}'
//! true
//! $ curl -s http://127.0.0.1:8000/api/v1/movimientos -H 'Content-Type: application/json' -d '{"producto_id": 1, "tipo": "SALIDA", "cantidad": "3", "fecha": "2026-01-02"}'
//! {"success":false,"data":null,"errors":[{"code":"STOCK_INSUFICIENTE","message":"Stock insuficiente. Disponible: 2.500, Pedido: 3.000"}]}
//! ```
//!
//! ```json
//! {"level": "INFO", "method": "registrar_movimiento", "message": "Movimiento avisado", "context": {"movimiento_id": 1, "producto_id": 1, "stock": "2.500"}}
//! {"level": "WARNING", "method": "registrar_movimiento", "context": {"error_code": "STOCK_INSUFICIENTE"}}
//! ```

mod api;
mod errors;
mod pagos;
mod schemas;
mod store;

use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use standards_axum::client::Client;
use standards_axum::core::idempotency::{IdempotencySettings, sql::SqliteStore};
use standards_axum::prelude::*;
use standards_axum::{Service, ServiceInfo, url::Url};

settings! {
    /// What the service is configured with.
    pub struct Ajustes {
        ..standard: StandardSettings;
        ..idempotencia: IdempotencySettings;
        /// SQLite database, made where there is none.
        database_url: SqliteConnectOptions = "DATABASE_URL", otherwise "sqlite://inventario.db";
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

/// The database, with every table.
async fn abrir(database: SqliteConnectOptions) -> Result<SqlitePool, Fatal> {
    let pool = SqlitePool::connect_with(database.create_if_missing(true)).await?;
    sqlx::migrate!("inventario/migrations").run(&pool).await?;
    SqliteStore::new(pool.clone()).migrate().await?;
    Ok(pool)
}

/// The service on an open database, whose end ends the reaper too.
fn servicio(ajustes: Ajustes, pool: SqlitePool) -> Result<Service, Fatal> {
    let pagos = pagos::Pagos::new(Client::new("pagos", ajustes.pagos_url)?.with_patience(ajustes.pagos_timeout));
    let idempotencia = SqliteStore::new(pool.clone()).with_ttl(ajustes.idempotencia.ttl);
    idempotencia.start_reaper();
    let (asked, closed) = (pool.clone(), pool.clone());
    Ok(Service::new(info(), ajustes.standard)
        .api(api::api().with_state(Estado { pool, idempotencia, pagos }))
        .readiness(Readiness::default().with_check("base de datos", move || responde(asked.clone())))
        .on_stop(async move || closed.close().await))
}

/// Whether the database answers.
async fn responde(pool: SqlitePool) -> Result<(), Failure> {
    sqlx::query("select 1").execute(&pool).await?;
    Ok(())
}

fn info() -> ServiceInfo {
    ServiceInfo { name: "ms-inventario", ..service_info!() }
}

#[tokio::main]
async fn main() -> Exit {
    let start = async |ajustes: Ajustes| servicio(ajustes.clone(), abrir(ajustes.database_url).await?);
    Cli::new(info()).about("Keeps an inventory").api(api::api).serve(start).await
}

#[cfg(test)]
mod tests;
