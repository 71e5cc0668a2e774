//! A database, read and written behind the service's back.

use std::path::{Path, PathBuf};
use std::time::Instant;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use tempfile::TempDir;

use super::{PATIENCE, pause};

/// Where the books of a test are kept.
pub(crate) enum Base {
    /// A database of the private server; `port` is the server's own.
    Postgres { name: String, port: u16 },
    /// A file.
    Sqlite { file: PathBuf, _directory: Option<TempDir> },
}

/// A pago as it stands in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) id: i64,
    pub(crate) cliente_id: i64,
    pub(crate) hundredths: i64,
}

const VIOLATIONS: &str = "
    select count(*) from clientes
    where saldo < 0 or saldo <>
        (select coalesce(sum(monto), 0) from recargas where cliente_id = clientes.id)
        - (select coalesce(sum(monto), 0) from pagos where cliente_id = clientes.id and estado = 'PROCESADO')";

impl Base {
    pub(crate) fn sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self::Sqlite { file: directory.path().join("pagos.db"), _directory: Some(directory) }
    }

    pub(crate) fn sqlite_in(directory: &Path) -> Self {
        Self::Sqlite { file: directory.join("pagos.db"), _directory: None }
    }

    /// What the service is told.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Postgres { port, .. } => self.url_by(*port),
            Self::Sqlite { file, .. } => format!("sqlite://{}?mode=rwc", file.display()),
        }
    }

    /// The name of the database.
    pub(crate) fn name(&self) -> &str {
        let Self::Postgres { name, .. } = self else { panic!("not PostgreSQL") };
        name
    }

    /// The same by another port: a proxy's.
    pub(crate) fn url_by(&self, port: u16) -> String {
        let Self::Postgres { name, .. } = self else { panic!("SQLite has no port") };
        format!("postgres://pagos@127.0.0.1:{port}/{name}")
    }

    /// A session of an outsider, with a superuser's rights.
    pub(crate) async fn postgres_session(&self) -> PgConnection {
        let Self::Postgres { name, port } = self else { panic!("not PostgreSQL") };
        PgConnection::connect(&format!("postgres://postgres@127.0.0.1:{port}/{name}")).await.unwrap()
    }

    /// A connection of another process.
    pub(crate) async fn sqlite_session(&self) -> SqliteConnection {
        let Self::Sqlite { file, .. } = self else { panic!("not SQLite") };
        SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(file)).await.unwrap()
    }

    /// Every pago, of one snapshot.
    pub(crate) async fn pagos(&self) -> Vec<Row> {
        match self {
            Self::Postgres { .. } => {
                let all = "select id, cliente_id, (monto * 100)::bigint as hundredths from pagos";
                sqlx::query_as(all).fetch_all(&mut self.postgres_session().await).await.unwrap()
            }
            Self::Sqlite { .. } => {
                let all = "select id, cliente_id, monto as hundredths from pagos";
                sqlx::query_as(all).fetch_all(&mut self.sqlite_session().await).await.unwrap()
            }
        }
    }

    /// Waits for the statements of a service that is no longer there: PostgreSQL finishes them.
    pub(crate) async fn settle(&self) {
        if matches!(self, Self::Sqlite { .. }) {
            return;
        }
        let active = "select count(*) from pg_stat_activity
            where datname = current_database() and usename = 'pagos' and state <> 'idle'";
        let (mut session, begun) = (self.postgres_session().await, Instant::now());
        while sqlx::query_scalar::<_, i64>(active).fetch_one(&mut session).await.unwrap() > 0 {
            assert!(begun.elapsed() < PATIENCE, "statements that do not end");
            pause(10).await;
        }
    }

    pub(crate) async fn assert_money_rule(&self) {
        let violations: i64 = match self {
            Self::Postgres { .. } => sqlx::query_scalar(VIOLATIONS).fetch_one(&mut self.postgres_session().await).await,
            Self::Sqlite { .. } => sqlx::query_scalar(VIOLATIONS).fetch_one(&mut self.sqlite_session().await).await,
        }
        .unwrap();
        assert_eq!(violations, 0, "clientes whose balance is wrong");
    }

    /// No session of the service holds a transaction open while it does nothing.
    pub(crate) async fn assert_no_idle_transaction(&self) {
        if matches!(self, Self::Sqlite { .. }) {
            return;
        }
        let idle = "select count(*) from pg_stat_activity
            where datname = current_database() and usename = 'pagos' and state like 'idle in transaction%'";
        let idle: i64 = sqlx::query_scalar(idle).fetch_one(&mut self.postgres_session().await).await.unwrap();
        assert_eq!(idle, 0, "sessions idle in transaction");
    }

    pub(crate) async fn execute(&self, statement: impl Into<String>) {
        let statement = sqlx::raw_sql(AssertSqlSafe(statement.into()));
        match self {
            Self::Postgres { .. } => drop(statement.execute(&mut self.postgres_session().await).await.unwrap()),
            Self::Sqlite { .. } => drop(statement.execute(&mut self.sqlite_session().await).await.unwrap()),
        }
    }
}
