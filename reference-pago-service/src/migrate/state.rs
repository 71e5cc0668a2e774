//! How a database's schema stands to the one that is known here.

use sqlx::migrate::{AppliedMigration, Migrate, Migrator};

use super::{POSTGRES, SQLITE, applied};
use crate::database::{Database, RepositoryError};

/// The versions in which the two differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SchemaState {
    /// How many are applied.
    pub(crate) applied: usize,
    /// Known here, and not applied.
    pub(crate) pending: Vec<i64>,
    /// Applied, and not known here: by a newer release, or by another service.
    pub(crate) unknown: Vec<i64>,
    /// Applied as something else than what is known here.
    pub(crate) altered: Vec<i64>,
}

impl Database {
    /// Only reads.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub(crate) async fn schema_state(&self) -> Result<SchemaState, RepositoryError> {
        match self {
            Self::Sqlite(sqlite) => read(&SQLITE, &mut *sqlite.readers().acquire().await?).await,
            Self::Postgres(postgres) => postgres.run(|connection| Box::pin(read(&POSTGRES, connection))).await,
        }
    }
}

async fn read<C: Migrate>(migrator: &Migrator, connection: &mut C) -> Result<SchemaState, RepositoryError> {
    Ok(compare(migrator, &applied(migrator, connection).await?))
}

fn compare(migrator: &Migrator, applied: &[AppliedMigration]) -> SchemaState {
    let known = |version| migrator.iter().find(|known| known.version == version);
    let is_applied = |version| applied.iter().any(|applied| applied.version == version);
    let versions = |differs: &dyn Fn(&AppliedMigration) -> bool| {
        applied.iter().filter(|applied| differs(applied)).map(|applied| applied.version).collect()
    };
    SchemaState {
        applied: applied.len(),
        pending: migrator.iter().map(|known| known.version).filter(|version| !is_applied(*version)).collect(),
        unknown: versions(&|applied| known(applied.version).is_none()),
        altered: versions(&|applied| known(applied.version).is_some_and(|known| known.checksum != applied.checksum)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_foreign_or_other_is_told_by_its_version() {
        let first = POSTGRES.iter().next().unwrap();
        let applied = [
            AppliedMigration { version: first.version, checksum: first.checksum.clone() },
            AppliedMigration { version: 2, checksum: b"otra".to_vec().into() },
            AppliedMigration { version: 99, checksum: b"de nadie".to_vec().into() },
        ];
        let state = compare(&POSTGRES, &applied);
        assert_eq!((state.applied, state.unknown, state.altered), (3, vec![99], vec![2]));
        assert!(state.pending.iter().all(|version| *version > 2) && !state.pending.is_empty());
        assert_eq!(compare(&POSTGRES, &[]).pending.len(), POSTGRES.iter().count());
    }
}
