//! Outcomes in a team's own database, each in the transaction of its effect (features `sqlx-postgres`, `sqlx-sqlite`).
//!
//! A [`SqlStore`] stands in the service's state; a handler gives it the client's key, what was asked for, and the effect, a function of a
//! transaction. Its table is made by [`SqlStore::migrate`], and what is too old is deleted by [`SqlStore::start_reaper`]:
//!
//! ```
//! # #[cfg(feature = "sqlx-sqlite")]
//! # {
//! use serde::{Deserialize, Serialize};
//! use sqlx::SqliteConnection;
//! use sqlx::sqlite::SqlitePoolOptions;
//! use standards_core::idempotency::sql::SqliteStore;
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
//! sqlx::raw_sql("create table movimientos (id integer primary key, producto_id integer, cantidad integer)").execute(&pool).await?;
//! let idempotencia = SqliteStore::new(pool);
//! idempotencia.migrate().await?;
//! idempotencia.start_reaper();
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
//!
//! # Example: the table among the service's own migrations
//!
//! Whoever has every table made by one migrator gives it the text, under a number of the service's ([`POSTGRES_MIGRATION`],
//! [`SQLITE_MIGRATION`]), in the place of `migrate`:
//!
//! ```
//! # #[cfg(feature = "sqlx-sqlite")]
//! # {
//! use sqlx::SqlStr;
//! use sqlx::migrate::{Migration, MigrationType, Migrator};
//! use standards_core::idempotency::sql::SQLITE_MIGRATION;
//!
//! // `sqlx::migrate!()` in a service.
//! let own = Migrator::with_migrations(Vec::new());
//! let text = SqlStr::from_static(SQLITE_MIGRATION);
//! let table = Migration::new(20_251_128, "idempotencia".into(), MigrationType::Simple, text, false);
//! let all = Migrator::with_migrations(own.iter().cloned().chain([table]).collect());
//! assert!(all.version_exists(20_251_128));
//! # }
//! ```

mod engine;
mod outcome;
#[cfg(feature = "sqlx-postgres")]
mod postgres;
mod reaper;
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
