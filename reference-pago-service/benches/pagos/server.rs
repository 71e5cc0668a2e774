//! The PostgreSQL server, and the databases that the bench makes on it.

use std::env;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::outcome::{Outcome, say};

const DEFAULT_URL: &str = "postgres://postgres@127.0.0.1:5432/postgres";
/// Leftovers are known by it.
const PREFIX: &str = "pagos_bench_";
/// "pagos" in ASCII: one bench at a time on a server.
const LOCK: i64 = 0x70_6167_6f73;

/// The server, held for this bench alone.
pub(crate) struct Server {
    address: ServerAddress,
    lock: PgConnection,
}

/// How to reach the server.
#[derive(Clone)]
pub(crate) struct ServerAddress {
    url: String,
}

/// A database for one round.
pub(crate) struct BenchDatabase {
    name: String,
    /// For everything that libpq or sqlx connects.
    pub(crate) url: String,
    server: ServerAddress,
}

impl Server {
    /// Connects, makes sure to be alone, and removes what a killed run left behind.
    pub(crate) async fn open() -> Outcome<Self> {
        let url = env::var("TEST_DATABASE_URL").unwrap_or_else(|_| DEFAULT_URL.to_owned());
        let address = ServerAddress { url };
        let mut lock = address.connect().await?;
        let alone: bool = sqlx::query_scalar("select pg_try_advisory_lock($1)").bind(LOCK).fetch_one(&mut lock).await?;
        let mut server = Self { address, lock };
        if !alone {
            return Err("another bench runs on this server".into());
        }
        server.sweep().await?;
        Ok(server)
    }

    pub(crate) fn address(&self) -> ServerAddress {
        self.address.clone()
    }

    /// Leaves the server as it was found.
    pub(crate) async fn close(mut self) -> Outcome<()> {
        self.sweep().await?;
        Ok(self.lock.close().await?)
    }

    async fn sweep(&mut self) -> Outcome<()> {
        let names: Vec<String> = sqlx::query_scalar("select datname::text from pg_database where starts_with(datname::text, $1)")
            .bind(PREFIX)
            .fetch_all(&mut self.lock)
            .await?;
        for name in names {
            drop_database(&mut self.lock, &name).await?;
        }
        Ok(())
    }
}

impl ServerAddress {
    /// The server that `url` leads to, as one who may make databases there.
    pub(crate) const fn at(url: String) -> Self {
        Self { url }
    }

    async fn connect(&self) -> Outcome<PgConnection> {
        let refused = |error| format!("no PostgreSQL server (TEST_DATABASE_URL): {error}");
        Ok(PgConnection::connect(&self.url).await.map_err(refused)?)
    }

    /// An empty database for one round. Starts with a checkpoint, so that no round pays for the one before.
    pub(crate) async fn create(&self, round: &str) -> Outcome<BenchDatabase> {
        let name = format!("{PREFIX}{round}");
        let mut connection = self.connect().await?;
        sqlx::query(AssertSqlSafe(format!("create database {name}"))).execute(&mut connection).await?;
        if let Err(error) = sqlx::query("checkpoint").execute(&mut connection).await {
            say(format_args!("  no checkpoint before the round: {error}"));
        }
        connection.close().await?;
        Ok(BenchDatabase { url: with_database(&self.url, &name), name, server: self.clone() })
    }

    /// What the report says of the server: its version, the settings that buy speed with durability, and whether connections are encrypted,
    /// which costs one payment per statement more than a batch.
    pub(crate) async fn describe(&self) -> Outcome<String> {
        let mut connection = self.connect().await?;
        let text = "select 'PostgreSQL ' || current_setting('server_version')
            || ', fsync ' || current_setting('fsync') || ', synchronous_commit ' || current_setting('synchronous_commit')
            || ', shared_buffers ' || current_setting('shared_buffers')
            || ', TLS ' || case when ssl then 'on' else 'off' end
            from pg_stat_ssl where pid = pg_backend_pid()";
        Ok(sqlx::query_scalar(text).fetch_one(&mut connection).await?)
    }
}

impl BenchDatabase {
    pub(crate) async fn connect(&self) -> Outcome<PgConnection> {
        Ok(PgConnection::connect(&self.url).await?)
    }

    /// Removes it, whoever is still connected.
    pub(crate) async fn remove(self) -> Outcome<()> {
        let mut connection = self.server.connect().await?;
        drop_database(&mut connection, &self.name).await?;
        Ok(connection.close().await?)
    }
}

async fn drop_database(connection: &mut PgConnection, name: &str) -> Outcome<()> {
    sqlx::query(AssertSqlSafe(format!("drop database if exists {name} with (force)"))).execute(connection).await?;
    Ok(())
}

/// `url` with another database's name, its user, host and query as they are.
fn with_database(url: &str, name: &str) -> String {
    let (address, query) = url.split_once('?').map_or((url, String::new()), |(address, query)| (address, format!("?{query}")));
    let start = address.find("://").map_or(0, |at| at + 3);
    let end = address.get(start..).and_then(|rest| rest.find('/')).map_or(address.len(), |at| start + at);
    format!("{}/{name}{query}", address.get(..end).unwrap_or(address))
}
