//! What a PostgreSQL server says of itself, in one answer of JSON each: the simple protocol prepares nothing in a session that
//! may be somebody else's.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use sqlx::{Connection as _, Executor as _, PgConnection, Row as _, SqlSafeStr as _};

use crate::database::{PostgresDatabase, RepositoryError};
use crate::repositories::postgres::DECISIONS;

/// The server, the database and the session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Server {
    /// `PostgreSQL`, or what else the server takes itself for.
    pub(crate) product: String,
    /// As it is told, `15.20`.
    pub(crate) version: String,
    /// The same as a number, 150020.
    pub(crate) number: i32,
    pub(crate) encoding: String,
    pub(crate) database: String,
    pub(crate) role: String,
    pub(crate) only_reads: bool,
    /// Whether what the session was set up with is in force, plans without the values of parameters among it.
    pub(crate) settings_hold: bool,
    /// Connections at most, those for superusers left out.
    pub(crate) connections: i64,
    /// How many there are, ours among them.
    pub(crate) in_use: i64,
    /// The server's clock, since 1970.
    pub(crate) micros: i64,
}

/// The server's clock beside ours, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clock {
    /// How far the server's is ahead.
    pub(crate) ahead: i64,
    /// How wrong that may be: half of the round trip.
    pub(crate) within: i64,
}

/// What the role may do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Rights {
    /// Where its tables are looked for; `None` where it may use no schema.
    pub(crate) schema: Option<String>,
    /// Whether it may change the schema: make tables there, and alter those that are there.
    pub(crate) migrates: bool,
    /// What the service needs and the role may not: `select en pagos`.
    pub(crate) lacking: Vec<String>,
}

/// What the service's statements need of a server, tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Probes {
    /// Whether an advisory lock is there once it is taken.
    pub(crate) advisory_locks: bool,
    pub(crate) statements: Statements,
}

/// What the server says to the statements that decide pagos, `skip locked` within a write among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Statements {
    Accepted,
    /// All but those that pass over rows which others hold, and why not these: the service waits for the rows instead.
    WithoutSkipLocked(String),
    /// There are no tables yet that it could be asked about.
    NoTables,
    /// Why not.
    Refused(String),
}

const SERVER: &str = "select json_build_object(
        'product', split_part(version(), ' ', 1),
        'version', split_part(current_setting('server_version'), ' ', 1),
        'number', current_setting('server_version_num')::int,
        'encoding', getdatabaseencoding(), 'database', current_database(), 'role', current_user,
        'only_reads', current_setting('transaction_read_only') = 'on',
        'settings_hold', coalesce(current_setting('plan_cache_mode', true), '') = 'force_generic_plan',
        'connections', current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
            - coalesce(current_setting('reserved_connections', true), '0')::int,
        'in_use', (select count(*) from pg_stat_activity where datname is not null and usename is not null),
        'micros', (extract(epoch from clock_timestamp()) * 1000000)::bigint)::text";

pub(crate) async fn server(database: &PostgresDatabase) -> Result<(Server, Clock), RepositoryError> {
    database.run(|connection| Box::pin(ask_server(connection))).await
}

async fn ask_server(connection: &mut PgConnection) -> Result<(Server, Clock), RepositoryError> {
    let asked = now();
    let server: Server = tell(connection, SERVER).await?;
    let answered = now();
    let clock = Clock { ahead: server.micros - i64::midpoint(asked, answered), within: (answered - asked) / 2 };
    Ok((server, clock))
}

/// A schema that the role may not use is not looked into, so that a table there counts as missing.
const RIGHTS: &str = "with needed (name, wanted) as (values
        ('clientes', array['select', 'insert', 'update', 'delete']), ('pagos', array['select', 'insert', 'update']),
        ('recargas', array['select', 'insert']), ('idempotencia', array['select', 'insert', 'update', 'delete']),
        ('_sqlx_migrations', array['select'])
    ), there as (
        select name, wanted, to_regclass(name) as oid from needed where to_regclass(name) is not null
    )
    select json_build_object(
        'schema', current_schema(),
        'migrates', coalesce(has_schema_privilege(current_schema(), 'create'), false) and not exists (
            select from pg_class join there using (oid) where not pg_has_role(relowner, 'usage')),
        'lacking', (
            select coalesce(json_agg(w || ' en ' || name order by name, w), '[]')
            from there, unnest(wanted) w where not has_table_privilege(oid, w)
        ))::text";

pub(crate) async fn rights(database: &PostgresDatabase) -> Result<Rights, RepositoryError> {
    database.run(|connection| Box::pin(ask_rights(connection))).await
}

async fn ask_rights(connection: &mut PgConnection) -> Result<Rights, RepositoryError> {
    tell(connection, RIGHTS).await
}

pub(crate) async fn probes(database: &PostgresDatabase) -> Result<Probes, RepositoryError> {
    database.run(|connection| Box::pin(probe(connection))).await
}

async fn probe(connection: &mut PgConnection) -> Result<Probes, RepositoryError> {
    let statements = prepare(connection).await?;
    let advisory_locks = match holds_advisory_lock(connection).await {
        Err(sqlx::Error::Database(_)) => false,
        outcome => outcome?,
    };
    Ok(Probes { advisory_locks, statements })
}

/// They are parsed, and not run.
async fn prepare(connection: &mut PgConnection) -> Result<Statements, RepositoryError> {
    let mut accepted = Statements::Accepted;
    for statement in DECISIONS {
        match connection.prepare(statement.into_sql_str()).await {
            Err(sqlx::Error::Database(answer)) if answer.code().is_some_and(|code| code == "42P01") => {
                return Ok(Statements::NoTables);
            }
            Err(sqlx::Error::Database(answer)) if statement.contains("skip locked") => {
                accepted = Statements::WithoutSkipLocked(answer.message().to_owned());
            }
            Err(sqlx::Error::Database(answer)) => return Ok(Statements::Refused(answer.message().to_owned())),
            outcome => drop(outcome?),
        }
    }
    Ok(accepted)
}

/// One of the session's own, in whose way nobody is.
async fn holds_advisory_lock(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let mut transaction = connection.begin().await?;
    sqlx::query("select pg_try_advisory_xact_lock(0, pg_backend_pid())").execute(&mut *transaction).await?;
    let held = "select exists (select from pg_locks where locktype = 'advisory' and pid = pg_backend_pid())";
    let held = sqlx::query_scalar(held).fetch_one(&mut *transaction).await?;
    transaction.rollback().await?;
    Ok(held)
}

pub(super) async fn tell<T: DeserializeOwned>(
    connection: &mut PgConnection,
    question: &'static str,
) -> Result<T, RepositoryError> {
    let told: String = sqlx::raw_sql(question).fetch_one(connection).await?.try_get(0)?;
    serde_json::from_str(&told).map_err(RepositoryError::internal)
}

/// Microseconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
