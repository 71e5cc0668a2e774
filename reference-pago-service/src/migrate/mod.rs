//! The versions of the schema: embedded, the same for both engines.
//!
//! The command `migrate` and a service that starts go one way, [`Database::migrate_up`]: take the lock, adopt what the guideline's
//! Alembic migration made where no version is applied yet (`adoption`), apply the versions that are missing. Each engine does
//! so on a connection outside its pool, since both the lock and a migration may take longer than a request may.

mod adoption;
mod state;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use sqlx::migrate::{AppliedMigration, Migrate, MigrateError, Migrator};
use sqlx::{Connection as _, PgConnection};

pub use self::adoption::{Adoption, AdoptionError, LegacyTables};
pub(crate) use self::state::SchemaState;
use crate::database::{Database, PostgresDatabase, RepositoryError, SqliteDatabase};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: LazyLock<Migrator> = LazyLock::new(|| {
    let mut migrator = sqlx::migrate!("migrations/postgres");
    // Whoever runs it holds a lock of the transaction.
    migrator.set_locking(false);
    migrator
});

/// The key of the lock that those hold who change the schema.
const LOCK: i64 = 0x7061_676f_7300;

const UNKNOWN: &str = "(unknown to this version of the service)";

/// A version of the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Its number.
    pub version: i64,
    /// Its name, in words.
    pub description: String,
    /// Whether the database has it.
    pub applied: bool,
}

/// Why the schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// The database failed, or is not there.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// It holds tables that cannot be taken over.
    #[error(transparent)]
    Adoption(#[from] AdoptionError),
    /// A newer release has migrated it.
    #[error(
        "the database has migration {0}, which this release does not know; nothing was changed. Install the release that applied it. This one can \
         serve it with MIGRATE_ON_START=false where all that was added since is additive, and cannot take it back"
    )]
    Newer(i64),
}

impl From<sqlx::Error> for MigrationError {
    fn from(error: sqlx::Error) -> Self {
        Self::Repository(error.into())
    }
}

impl From<MigrateError> for MigrationError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(version) => Self::Newer(version),
            error => Self::Repository(error.into()),
        }
    }
}

impl Database {
    /// Apply the migrations that the database lacks. Safe from several instances at once: the
    /// first applies them, the others wait and find nothing to do.
    ///
    /// A database that the guideline's Alembic migration made is adopted first, with its rows; how many, is the answer.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unavailable`](crate::database::ErrorKind::Unavailable) when the database cannot be reached or stays locked,
    /// [`ErrorKind::Internal`](crate::database::ErrorKind::Internal) when a migration fails, when an applied one was changed since,
    /// or when the database has one that is unknown here, and [`AdoptionError`] when tables or rows cannot
    /// be adopted, which leaves them as they are.
    pub async fn migrate_up(&self) -> Result<Option<Adoption>, MigrationError> {
        match self {
            Self::Sqlite(sqlite) => sqlite_up(sqlite).await,
            // Boxed: the compiler has a limit to how deep a future may be nested.
            Self::Postgres(postgres) => Box::pin(postgres_up(postgres)).await,
        }
    }

    /// The known migrations and those that the database has, by version. Only reads.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub async fn migrate_status(&self) -> Result<Vec<MigrationStatus>, RepositoryError> {
        match self {
            Self::Sqlite(sqlite) => status(&SQLITE, &mut *sqlite.readers().acquire().await?).await,
            Self::Postgres(postgres) => postgres.run(|connection| Box::pin(status(&POSTGRES, connection))).await,
        }
    }

    /// What stands in the place of the tables of the first migration, where that is not applied. Only reads.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub async fn legacy_tables(&self) -> Result<LegacyTables, RepositoryError> {
        if self.migrate_status().await?.iter().any(|migration| migration.applied) {
            return Ok(LegacyTables::Absent);
        }
        match self {
            Self::Sqlite(sqlite) => Ok(adoption::sqlite::find(&mut *sqlite.readers().acquire().await?).await?),
            Self::Postgres(postgres) => {
                let find = postgres.run(|connection| Box::pin(async { Ok(adoption::postgres::find(connection).await?) }));
                find.await
            }
        }
    }
}

/// sqlx locks nothing on SQLite; one immediate transaction around all of it does.
async fn sqlite_up(database: &SqliteDatabase) -> Result<Option<Adoption>, MigrationError> {
    let mut connection = database.migration_connection().await?;
    let mut transaction = connection.begin_with("begin immediate").await?;
    let mut adopted = None;
    if applied(&SQLITE, &mut *transaction).await?.is_empty() {
        adopted = adoption::sqlite::adopt(&SQLITE, &mut transaction).await?;
    }
    SQLITE.run_direct(None, &mut *transaction, false).await?;
    transaction.commit().await?;
    connection.close().await?;
    Ok(adopted)
}

/// Nothing but reading where nothing is pending, so that a role will do that may not change the schema. Else everything in one
/// transaction, under a lock that ends with it: one of a session would stay behind on a session that somebody keeps.
async fn postgres_up(database: &PostgresDatabase) -> Result<Option<Adoption>, MigrationError> {
    database
        .unhurried(async |connection: &mut PgConnection| {
            if is_complete(&POSTGRES, connection).await? {
                return Ok(None);
            }
            let mut transaction = connection.begin().await?;
            sqlx::query("select pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *transaction).await?;
            let adopted = match is_new(&mut transaction).await? {
                true => adoption::postgres::adopt(&POSTGRES, &mut transaction).await?,
                false => None,
            };
            POSTGRES.run_direct(None, &mut *transaction, false).await?;
            transaction.commit().await?;
            Ok(adopted)
        })
        .await
}

/// Whether nothing was ever applied. To ask for what is in a table that is not there would end the transaction.
async fn is_new(connection: &mut PgConnection) -> Result<bool, MigrateError> {
    let ask = sqlx::query_scalar("select to_regclass($1) is null").bind(&*POSTGRES.table_name);
    Ok(ask.fetch_one(&mut *connection).await? || applied(&POSTGRES, connection).await?.is_empty())
}

/// Whether every migration is applied as it is known here.
async fn is_complete<C: Migrate>(migrator: &Migrator, connection: &mut C) -> Result<bool, MigrateError> {
    let applied = applied(migrator, connection).await?;
    if applied.is_empty() {
        return Ok(false);
    }
    if let Some(version) = connection.dirty_version(&migrator.table_name).await? {
        return Err(MigrateError::Dirty(version));
    }
    for AppliedMigration { version, checksum } in &applied {
        let known = migrator.iter().find(|known| known.version == *version).ok_or(MigrateError::VersionMissing(*version))?;
        if known.checksum != *checksum {
            return Err(MigrateError::VersionMismatch(*version));
        }
    }
    Ok(migrator.iter().all(|known| applied.iter().any(|applied| applied.version == known.version)))
}

async fn status<C: Migrate>(migrator: &Migrator, connection: &mut C) -> Result<Vec<MigrationStatus>, RepositoryError> {
    Ok(merge(migrator, &applied(migrator, connection).await?))
}

async fn applied<C: Migrate>(migrator: &Migrator, connection: &mut C) -> Result<Vec<AppliedMigration>, MigrateError> {
    match connection.list_applied_migrations(&migrator.table_name).await {
        Err(error) if is_missing_table(&error) => Ok(Vec::new()),
        outcome => outcome,
    }
}

fn merge(migrator: &Migrator, applied: &[AppliedMigration]) -> Vec<MigrationStatus> {
    let known = migrator.iter().map(|migration| (migration.version, (&*migration.description, false)));
    let mut versions: BTreeMap<i64, (&str, bool)> = known.collect();
    for migration in applied {
        versions.entry(migration.version).or_insert((UNKNOWN, true)).1 = true;
    }
    let describe = |(version, (description, applied)): (i64, (&str, bool))| MigrationStatus {
        version,
        description: description.to_owned(),
        applied,
    };
    versions.into_iter().map(describe).collect()
}

/// PostgreSQL has a code for it; SQLite only its sentence.
fn is_missing_table(error: &MigrateError) -> bool {
    let MigrateError::Execute(sqlx::Error::Database(error)) = error else {
        return false;
    };
    error.code().is_some_and(|code| code == "42P01") || error.message().starts_with("no such table")
}

#[cfg(test)]
mod tests {
    use super::{POSTGRES, SQLITE};

    #[test]
    fn both_engines_have_the_same_versions() {
        let names = |migrator: &'static sqlx::migrate::Migrator| {
            migrator.iter().map(|migration| (migration.version, &*migration.description)).collect::<Vec<_>>()
        };
        assert_eq!(names(&SQLITE), names(&POSTGRES));
        assert!(!names(&SQLITE).is_empty());
    }
}
