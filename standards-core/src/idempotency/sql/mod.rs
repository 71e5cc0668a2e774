//! Outcomes in a team's own database, each in the transaction of its effect (features `sqlx-postgres`, `sqlx-sqlite`).
//!
//! The table is made by [`POSTGRES_MIGRATION`] or [`SQLITE_MIGRATION`], copied into the service's own migrations. A [`SqlStore`] stands
//! in the service's state; a handler gives it the client's key, what was asked for, and the effect, a function of a transaction:
//!
//! ```
//! # #[cfg(feature = "sqlx-sqlite")]
//! # {
//! use serde::{Deserialize, Serialize};
//! use sqlx::SqliteConnection;
//! use sqlx::sqlite::SqlitePoolOptions;
//! use standards_core::idempotency::sql::{SQLITE_MIGRATION, SqliteStore};
//! use standards_core::idempotency::{Key, Keyed};
//! use standards_core::{CorrelationId, Failure, Language, RequestContext, context};
//!
//! #[derive(Serialize)]
//! struct MovimientoCrear {
//!     producto_id: i64,
//!     cantidad: i64,
//! }
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize)]
//! struct Movimiento {
//!     id: i64,
//! }
//!
//! async fn mover(conexion: &mut SqliteConnection, m: MovimientoCrear) -> Result<Movimiento, Failure> {
//!     let insert = sqlx::query("insert into movimientos (producto_id, cantidad) values (?, ?)");
//!     let done = insert.bind(m.producto_id).bind(m.cantidad).execute(conexion).await?;
//!     Ok(Movimiento { id: done.last_insert_rowid() })
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await?;
//! sqlx::raw_sql(SQLITE_MIGRATION).execute(&pool).await?;
//! sqlx::raw_sql("create table movimientos (id integer primary key, producto_id integer, cantidad integer)").execute(&pool).await?;
//! let idempotencia = SqliteStore::new(pool);
//!
//! let registrar = async || {
//!     let (clave, m) = ("8e03978e".parse::<Key>()?, MovimientoCrear { producto_id: 7, cantidad: 2 });
//!     idempotencia.once(Some(clave), m, async |mut tx, m| mover(&mut tx, m).await).await
//! };
//! // The layers of `standards-axum` make the context of each request.
//! let request = RequestContext::new(CorrelationId::generate(), "/movimientos", "POST");
//! let (first, again) = context::scope(request, async { (registrar().await, registrar().await) }).await;
//! assert!(matches!(first?, Keyed::Fresh(Ok(Movimiento { id: 1 }))));
//! assert!(matches!(again?, Keyed::Replayed(Ok(Movimiento { id: 1 }), Language::Es)));
//! # Ok::<(), Failure>(())
//! # }).unwrap();
//! # }
//! ```
//!
//! The walk of a request: [`SqlStore::once`] takes the key in this process and goes on in a task of its own, which a client that leaves
//! does not stop. `settle` begins the transaction, looks for an earlier outcome, lends the transaction to the effect, and writes the
//! outcome before it commits. What differs between the databases stands in `postgres` and `sqlite`.

mod engine;
mod outcome;
#[cfg(feature = "sqlx-postgres")]
mod postgres;
mod settle;
#[cfg(feature = "sqlx-sqlite")]
mod sqlite;
mod store;
mod transaction;

pub use engine::SqlEngine;
pub use outcome::StoredOutcome;
#[cfg(feature = "sqlx-postgres")]
pub use postgres::{POSTGRES_MIGRATION, PostgresStore};
#[cfg(feature = "sqlx-sqlite")]
pub use sqlite::{SQLITE_MIGRATION, SqliteStore};
pub use store::{SqlEffect, SqlStore};
pub use transaction::LentTransaction;
