//! The versions of the schema: embedded, the same for both engines.

use std::collections::BTreeMap;

use sqlx::Connection as _;
use sqlx::migrate::{AppliedMigration, Migrate, MigrateError, Migrator};

use super::{Database, PostgresDatabase, RepositoryError, SqliteDatabase};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

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

impl Database {
    /// Apply the migrations that the database lacks. Safe from several instances at once: the
    /// first applies them, the others wait and find nothing to do.
    ///
    /// # Errors
    ///
    /// [`RepositoryError::Unavailable`] when the database cannot be reached or stays locked, and
    /// [`RepositoryError::Internal`] when a migration fails, when an applied one was changed since,
    /// or when the database has one that is unknown here.
    pub async fn migrate_up(&self) -> Result<(), RepositoryError> {
        match self {
            Self::Sqlite(sqlite) => sqlite_up(sqlite).await,
            Self::Postgres(postgres) => postgres_up(postgres).await,
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
}

/// sqlx locks nothing on SQLite; one immediate transaction around all of it does.
async fn sqlite_up(database: &SqliteDatabase) -> Result<(), RepositoryError> {
    let mut connection = database.migration_connection().await?;
    let mut transaction = connection.begin_with("begin immediate").await?;
    SQLITE.run_direct(None, &mut *transaction, false).await?;
    transaction.commit().await?;
    connection.close().await.map_err(Into::into)
}

/// sqlx takes an advisory lock, which ends with the connection.
async fn postgres_up(database: &PostgresDatabase) -> Result<(), RepositoryError> {
    let mut connection = database.migration_connection().await?;
    POSTGRES.run_direct(None, &mut connection, false).await?;
    connection.close().await.map_err(Into::into)
}

async fn status<C: Migrate>(migrator: &Migrator, connection: &mut C) -> Result<Vec<MigrationStatus>, RepositoryError> {
    let applied = match connection.list_applied_migrations(&migrator.table_name).await {
        Ok(applied) => applied,
        Err(error) if is_missing_table(&error) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    Ok(merge(migrator, &applied))
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
