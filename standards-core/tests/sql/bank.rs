//! A table of effects, on each database.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, Connection as _, Database, PgConnection, PgPool, Pool, Postgres, Sqlite, SqlitePool};
use standards_core::idempotency::sql::{LentTransaction, POSTGRES_MIGRATION, SQLITE_MIGRATION, SqlEngine, SqlStore};
use standards_core::idempotency::{Key, Keyed};
use standards_core::{CorrelationId, Failure, Language, RequestContext, context};

const LOCAL_POSTGRES: &str = "postgres://postgres@127.0.0.1:5432/postgres";
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
const EFFECTS: &str = "create table efectos (id integer)";
const DEPOSIT: &str = "insert into efectos select coalesce(max(id), 0) + 1 from efectos returning id";

/// What a test does on either database.
pub(crate) trait Bank: SqlEngine {
    /// Notes an effect; its number.
    fn deposit(connection: &mut Self::Connection) -> impl Future<Output = Result<i32, Failure>> + Send;

    /// How many effects are noted.
    fn count(pool: &Pool<Self>) -> impl Future<Output = i64> + Send;

    /// Runs a statement; how many rows it changed.
    fn run(connection: &mut Self::Connection, statement: &'static str) -> impl Future<Output = sqlx::Result<u64>> + Send;

    /// Another instance's connections.
    fn connect(url: &str) -> impl Future<Output = Pool<Self>> + Send;
}

macro_rules! bank {
    ($database:ty, $pool:ty, $connect:expr) => {
        impl Bank for $database {
            async fn deposit(connection: &mut Self::Connection) -> Result<i32, Failure> {
                Ok(sqlx::query_scalar(DEPOSIT).fetch_one(connection).await?)
            }

            async fn count(pool: &$pool) -> i64 {
                sqlx::query_scalar("select count(*) from efectos").fetch_one(pool).await.unwrap()
            }

            async fn run(connection: &mut Self::Connection, statement: &'static str) -> sqlx::Result<u64> {
                Ok(sqlx::raw_sql(statement).execute(connection).await?.rows_affected())
            }

            async fn connect(url: &str) -> $pool {
                $connect(url).await
            }
        }
    };
}

bank!(Sqlite, SqlitePool, connect_sqlite);
bank!(Postgres, PgPool, connect_postgres);

async fn connect_sqlite(url: &str) -> SqlitePool {
    let options = url.parse::<SqliteConnectOptions>().unwrap().busy_timeout(PATIENCE);
    SqlitePoolOptions::new().max_connections(4).acquire_timeout(PATIENCE).connect_with(options).await.unwrap()
}

/// The schema is the url's fragment.
async fn connect_postgres(url: &str) -> PgPool {
    let (server, schema) = url.rsplit_once('#').unwrap();
    let options = server.parse::<PgConnectOptions>().unwrap().options([("search_path", schema)]);
    PgPoolOptions::new().max_connections(8).acquire_timeout(PATIENCE).connect_with(options).await.unwrap()
}

/// An instance of a service with its store.
pub(crate) struct Branch<DB: Database> {
    pub(crate) store: SqlStore<DB>,
    pub(crate) pool: Pool<DB>,
    pub(crate) url: String,
}

impl<DB: Bank> Branch<DB> {
    pub(crate) async fn open(url: &str) -> Self {
        let pool = DB::connect(url).await;
        Self { store: SqlStore::new(pool.clone()), pool, url: url.to_owned() }
    }

    pub(crate) async fn count(&self) -> i64 {
        DB::count(&self.pool).await
    }

    pub(crate) async fn run(&self, statement: &'static str) -> u64 {
        DB::run(&mut *self.pool.acquire().await.unwrap(), statement).await.unwrap()
    }
}

/// `POST /depositos` under this key.
pub(crate) async fn deposit<DB: Bank>(branch: &Branch<DB>, key: &str) -> Result<Keyed<Result<i32, Failure>>, Failure> {
    attempt(branch, key, async |mut tx| DB::deposit(&mut tx).await).await
}

/// The same, again and again while the key is being worked on.
pub(crate) async fn deposit_in_the_end<DB: Bank>(branch: &Branch<DB>, key: &str) -> Result<Keyed<Result<i32, Failure>>, Failure> {
    loop {
        match deposit(branch, key).await {
            Err(failure) if failure.entry().code == "IDEMPOTENCY_EN_PROCESO" => tokio::task::yield_now().await,
            settled => return settled,
        }
    }
}

/// The same with another effect.
pub(crate) async fn attempt<DB: Bank, F, Fut>(
    branch: &Branch<DB>,
    key: &str,
    effect: F,
) -> Result<Keyed<Result<i32, Failure>>, Failure>
where
    F: FnOnce(LentTransaction<DB>) -> Fut + Send + 'static,
    Fut: Future<Output = Result<i32, Failure>> + Send + 'static,
{
    let key = key.parse::<Key>().unwrap();
    context::scope(request("/depositos"), branch.store.once(Some(key), "un depósito", |tx, _| effect(tx))).await
}

/// A request whose template is its path.
pub(crate) fn request(path: &str) -> RequestContext {
    RequestContext::new(CorrelationId::generate(), path, "POST")
}

#[track_caller]
pub(crate) fn fresh(settled: Result<Keyed<Result<i32, Failure>>, Failure>) -> i32 {
    match settled {
        Ok(Keyed::Fresh(Ok(number))) => number,
        other => panic!("expected a new outcome: {other:?}"),
    }
}

#[track_caller]
pub(crate) fn replayed(settled: Result<Keyed<Result<i32, Failure>>, Failure>) -> i32 {
    match settled {
        Ok(Keyed::Replayed(Ok(number), Language::Es)) => number,
        other => panic!("expected a replay: {other:?}"),
    }
}

#[track_caller]
pub(crate) fn refused(settled: Result<Keyed<Result<i32, Failure>>, Failure>) -> &'static str {
    settled.expect_err("a failure").entry().code
}

/// Runs a test, `async fn name<DB: Bank>(branch: Branch<DB>)`, on each database.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $name() {
                crate::bank::on_sqlite(super::$name).await;
            })+
        }

        mod on_postgres {
            $(#[tokio::test]
            async fn $name() {
                crate::bank::on_postgres(super::$name).await;
            })+
        }
    };
}

pub(crate) use on_both;

/// Runs a test on a new SQLite file.
pub(crate) async fn on_sqlite(test: impl AsyncFnOnce(Branch<Sqlite>)) {
    let directory = tempfile::tempdir().unwrap();
    let branch = Branch::<Sqlite>::open(&format!("sqlite://{}?mode=rwc", directory.path().join("banco.db").display())).await;
    branch.run(SQLITE_MIGRATION).await;
    branch.run(EFFECTS).await;
    test(branch).await;
}

/// Runs a test in a new schema of PostgreSQL, and drops it even if the test panics.
pub(crate) async fn on_postgres(test: impl AsyncFnOnce(Branch<Postgres>)) {
    let server = std::env::var("TEST_DATABASE_URL").unwrap_or_else(|_| LOCAL_POSTGRES.to_owned());
    let Some(mut admin) = connect_admin(&server).await else { return };
    let schema = format!("idempotencia_{}", CorrelationId::generate().as_str().replace('-', "_"));
    execute(&mut admin, format!("create schema {schema}")).await;
    let branch = Branch::<Postgres>::open(&format!("{server}#{schema}")).await;
    let outcome = catch_unwind(async {
        branch.run(POSTGRES_MIGRATION).await;
        branch.run(EFFECTS).await;
        test(branch).await;
    })
    .await;
    execute(&mut admin, format!("drop schema {schema} cascade")).await;
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

async fn connect_admin(server: &str) -> Option<PgConnection> {
    match tokio::time::timeout(Duration::from_secs(3), PgConnection::connect(server)).await {
        Ok(Ok(connection)) => Some(connection),
        _ if std::env::var("CI").is_ok_and(|ci| ci == "true") => panic!("CI needs PostgreSQL: TEST_DATABASE_URL"),
        _ => {
            eprintln!("SKIPPED: no PostgreSQL answers; set TEST_DATABASE_URL");
            None
        }
    }
}

async fn execute(connection: &mut PgConnection, statement: String) {
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await.unwrap();
}

async fn catch_unwind(future: impl Future<Output = ()>) -> std::thread::Result<()> {
    let mut future = Box::pin(future);
    std::future::poll_fn(|context| match std::panic::catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => std::task::Poll::Ready(Err(panic)),
    })
    .await
}
