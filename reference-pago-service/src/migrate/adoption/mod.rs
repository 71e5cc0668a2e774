//! Taking over a database that the guideline's Alembic migration made.
//!
//! In one transaction, and under the lock of the migrations: the old tables are set aside, every row is judged, the first
//! migration makes the new tables, the rows are copied and the old tables dropped. So the schema is a new one's by construction, and
//! whatever goes wrong leaves the database as it was.
//!
//! A row is never dropped or mended by guesswork: one that the new tables cannot hold, or whose meaning is not certain,
//! refuses the adoption, and the error names the ids of all of them.

pub(super) mod postgres;
mod reason;
pub(super) mod sqlite;

use std::fmt;

use sqlx::migrate::MigrateError;

use crate::database::RepositoryError;

/// The migration that makes the tables whose place the guideline's take.
const FIRST: i64 = 1;

/// How much was taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adoption {
    /// How many clientes.
    pub clientes: i64,
    /// How many pagos.
    pub pagos: i64,
}

/// What stands in the place of the tables before the first migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LegacyTables {
    /// Nothing.
    Absent,
    /// The tables of the guideline's Alembic migration.
    Guideline,
    /// Tables of the same names that are not like those, or on which something else depends: what differs.
    Foreign(String),
}

/// Why a database is not taken over. Names tables, columns and ids, and nothing that a row holds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdoptionError {
    /// The tables are not the guideline's.
    #[error("the tables clientes and pagos are not as the guideline's migration makes them, nothing was changed: {0}")]
    Tables(String),
    /// Rows that the new tables cannot hold, or whose meaning is not certain.
    #[error("the database cannot be adopted because of these rows, nothing was changed: {0}")]
    Rows(String),
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
}

impl From<sqlx::Error> for MigrationError {
    fn from(error: sqlx::Error) -> Self {
        Self::Repository(error.into())
    }
}

impl From<MigrateError> for MigrationError {
    fn from(error: MigrateError) -> Self {
        Self::Repository(error.into())
    }
}

impl LegacyTables {
    /// Judges what was found, a line for each column and each thing that depends on the tables.
    fn judge(found: &[String], guideline: &[&str]) -> Self {
        if found.is_empty() {
            return Self::Absent;
        }
        let unknown = found.iter().filter(|line| !guideline.contains(&line.as_str())).map(|line| format!("has {line}"));
        let missing =
            guideline.iter().filter(|line| !found.iter().any(|found| found == *line)).map(|line| format!("lacks {line}"));
        let differences: Vec<String> = unknown.chain(missing).collect();
        if differences.is_empty() { Self::Guideline } else { Self::Foreign(differences.join(", ")) }
    }

    /// Whether there is something to take over.
    fn adoptable(self) -> Result<bool, AdoptionError> {
        match self {
            Self::Absent => Ok(false),
            Self::Guideline => Ok(true),
            Self::Foreign(differences) => Err(AdoptionError::Tables(differences)),
        }
    }
}

impl fmt::Display for LegacyTables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("there are no tables yet"),
            Self::Guideline => f.write_str("the tables are those of the guideline's Alembic migration: `migrate up` adopts them"),
            Self::Foreign(differences) => {
                write!(f, "the tables clientes and pagos are not the guideline's, `migrate up` refuses them: {differences}")
            }
        }
    }
}

/// The rows that stand in the way, by reason.
#[derive(Debug, Default)]
struct Refusals(Vec<String>);

impl Refusals {
    fn add(&mut self, reason: &str, ids: &[String]) {
        if !ids.is_empty() {
            self.0.push(format!("{reason}: {}", ids.join(", ")));
        }
    }

    fn none(self) -> Result<(), AdoptionError> {
        if self.0.is_empty() { Ok(()) } else { Err(AdoptionError::Rows(self.0.join("; "))) }
    }
}

#[cfg(test)]
mod tests {
    use super::{AdoptionError, LegacyTables, Refusals};

    fn judge(found: &[&str]) -> LegacyTables {
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        LegacyTables::judge(&found, &["clientes.id integer", "pagos.id integer"])
    }

    #[test]
    fn only_the_exact_tables_are_the_guidelines() {
        assert_eq!(judge(&[]), LegacyTables::Absent);
        assert_eq!(judge(&["clientes.id integer", "pagos.id integer"]), LegacyTables::Guideline);
        let differences = "has view resumen, lacks pagos.id integer".to_owned();
        assert_eq!(judge(&["clientes.id integer", "view resumen"]), LegacyTables::Foreign(differences));
    }

    #[test]
    fn every_row_that_stands_in_the_way_is_named() {
        let mut refusals = Refusals::default();
        refusals.add("pagos of another planet", &[]);
        refusals.add("clientes without a name", &["3".to_owned(), "9".to_owned()]);
        refusals.add("pagos of nobody", &["4".to_owned()]);
        let expected = "clientes without a name: 3, 9; pagos of nobody: 4".to_owned();
        assert_eq!(refusals.none(), Err(AdoptionError::Rows(expected)));
    }
}
