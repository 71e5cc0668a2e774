//! A database of its own for each test.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reference_pago_service::database::{Database, DatabaseOptions};
use reference_pago_service::repositories::{self, Repositories};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::Random;

const LOCAL_POSTGRES: &str = "postgres://postgres@127.0.0.1:5432/postgres";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const CLOSE_TIMEOUT: Duration = Duration::from_secs(20);
const PREFIX: &str = "pagos_test_";
/// A database older than this was left by a test that was killed.
const STALE_SECONDS: u64 = 3600;

/// An open database and its repositories.
/// The machine may be busy with other tests: patience must not fail a test.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Clone)]
pub(crate) struct Fixture {
    pub(crate) database: Database,
    pub(crate) repositories: Repositories,
    url: String,
}

impl Fixture {
    async fn open(url: String) -> Self {
        Self::open_with(url, PATIENCE, DatabaseOptions::default().pool_size).await
    }

    async fn open_with(url: String, patience: Duration, pool_size: u32) -> Self {
        let patient = DatabaseOptions { acquire_timeout: patience, statement_timeout: PATIENCE, ..Default::default() };
        Self::open_by(url, DatabaseOptions { pool_size, ..patient }).await
    }

    async fn open_by(url: String, options: DatabaseOptions) -> Self {
        let database = Database::open(&url.parse().unwrap(), &options).await.unwrap();
        let repositories = repositories::open(&database);
        Self { database, repositories, url }
    }

    /// The same with the migrations applied.
    pub(crate) async fn migrated(self) -> Self {
        self.database.migrate_up().await.unwrap();
        self
    }

    /// The same database with one connection, for which nobody waits long.
    pub(crate) async fn impatient(&self) -> Self {
        Self::open_with(self.url.clone(), Duration::from_millis(200), 1).await
    }

    /// The same database with one connection.
    pub(crate) async fn with_one_connection(&self) -> Self {
        Self::open_with(self.url.clone(), PATIENCE, 1).await
    }

    /// The same database as one finds it whose server has nothing that not every server has.
    pub(crate) async fn without_shorter_ways(&self) -> Self {
        let options = DatabaseOptions { acquire_timeout: PATIENCE, statement_timeout: PATIENCE, ..Default::default() };
        Self::open_by(self.url.clone(), DatabaseOptions { shorter_ways: false, ..options }).await
    }

    /// Another instance of the service on the same database.
    pub(crate) async fn another_instance(&self) -> Self {
        Self::open(self.url.clone()).await
    }
}

/// Run a test on a new SQLite file.
pub(crate) async fn on_sqlite(test: impl AsyncFnOnce(Fixture)) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("pagos.db");
    let fixture = Fixture::open(format!("sqlite://{}?mode=rwc", file.display())).await;
    let database = fixture.database.clone();
    test(fixture).await;
    close(&database).await;
}

/// Run a test on a new PostgreSQL database, and drop it even if the test panics.
pub(crate) async fn on_postgres(test: impl AsyncFnOnce(Fixture)) {
    on_postgres_made("template template0", test).await;
}

/// The same on one that is made so.
pub(crate) async fn on_postgres_made(made: &str, test: impl AsyncFnOnce(Fixture)) {
    let Some(mut server) = Server::connect().await else {
        return;
    };
    let name = server.create(made).await;
    let fixture = Fixture::open(server.url_of(&name)).await;
    let database = fixture.database.clone();
    let outcome = catch_unwind(async {
        test(fixture).await;
        close(&database).await;
    })
    .await;
    server.execute(format!("drop database {name} with (force)")).await;
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

/// Close the database, which waits for every connection to come back.
async fn close(database: &Database) {
    let closing = tokio::time::timeout(CLOSE_TIMEOUT, database.close());
    closing.await.expect("a connection never came back to its pool");
}

struct Server {
    url: String,
    connection: PgConnection,
}

impl Server {
    /// The server, or `None` with a notice when there is none.
    async fn connect() -> Option<Self> {
        let url = std::env::var("TEST_DATABASE_URL").unwrap_or_else(|_| LOCAL_POSTGRES.to_owned());
        match tokio::time::timeout(CONNECT_TIMEOUT, PgConnection::connect(&url)).await {
            Ok(Ok(connection)) => Some(Self { url, connection }),
            _ if std::env::var("CI").is_ok_and(|ci| ci == "true") => {
                panic!("CI needs PostgreSQL: TEST_DATABASE_URL")
            }
            _ => {
                eprintln!("SKIPPED: no PostgreSQL answers; set TEST_DATABASE_URL");
                None
            }
        }
    }

    async fn create(&mut self, made: &str) -> String {
        self.drop_stale().await;
        let name = format!("{PREFIX}{}_{:08x}", seconds_now(), Random::new().below(u64::from(u32::MAX)));
        self.execute(format!("create database {name} {made}")).await;
        name
    }

    async fn drop_stale(&mut self) {
        let names: Vec<String> =
            sqlx::query_scalar("select datname::text from pg_database where datname like 'pagos\\_test\\_%'")
                .fetch_all(&mut self.connection)
                .await
                .unwrap();
        for name in names.iter().filter(|name| is_stale(name)) {
            self.execute(format!("drop database if exists {name} with (force)")).await;
        }
    }

    async fn execute(&mut self, statement: String) {
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut self.connection).await.unwrap();
    }

    /// The URL of another database on the same server.
    fn url_of(&self, name: &str) -> String {
        let (address, parameters) = self.url.split_once('?').unwrap_or((&self.url, ""));
        let (server, _) = address.rsplit_once('/').unwrap();
        format!("{server}/{name}?{parameters}")
    }
}

fn is_stale(name: &str) -> bool {
    let created = name.strip_prefix(PREFIX).and_then(|rest| rest.split('_').next());
    created.and_then(|seconds| seconds.parse::<u64>().ok()).is_some_and(|created| created + STALE_SECONDS < seconds_now())
}

fn seconds_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Await the future and catch its panic, so that what follows can still tidy up.
async fn catch_unwind(future: impl Future<Output = ()>) -> std::thread::Result<()> {
    let mut future = Box::pin(future);
    std::future::poll_fn(|context| match std::panic::catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => std::task::Poll::Ready(Err(panic)),
    })
    .await
}
