//! What can go wrong, and whose fault it is.

use std::error::Error;
use std::iter;
use std::sync::Arc;

use sqlx::migrate::MigrateError;

/// The private cause of a failure: for the log, never for a client.
pub type Cause = Box<dyn Error + Send + Sync>;

/// Why a repository could not answer.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// The database is not there, is busy or refuses work for now: the same request may succeed
    /// later. Whether a write happened is unknown when the connection was lost during it.
    #[error("the database is unavailable")]
    Unavailable(#[source] Cause),
    /// A defect of ours or of the stored data: the same request would fail again.
    #[error("the database failed unexpectedly")]
    Internal(#[source] Cause),
}

/// What can be done about a failed batch of writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedio {
    /// Nothing was committed, and the same may succeed in a moment: two transactions were in each other's way.
    Repetir,
    /// Nothing was committed, because a lock did not come in time: other rows may be free.
    SepararFilas,
    /// Nothing was committed, and one of the writes may be to blame.
    Separar,
    /// The database is not there, or whether it committed is unknown.
    Rendirse,
}

impl RepositoryError {
    /// What can be done about it, by what is certain: only an answer of the server says that a statement came to nothing.
    #[must_use]
    pub fn remedio(&self) -> Remedio {
        let (Self::Unavailable(cause) | Self::Internal(cause)) = self;
        let error = cause.downcast_ref::<sqlx::Error>().and_then(sqlx::Error::as_database_error);
        let Some(code) = error.and_then(sqlx::error::DatabaseError::code) else { return Remedio::Rendirse };
        match &*code {
            // Serialization failure, deadlock, and a key that another process wrote first.
            "40001" | "40P01" | "23505" => Remedio::Repetir,
            // Lock timeout; statement timeout, which several waits for locks add up to.
            "55P03" | "57014" => Remedio::SepararFilas,
            // "Statement completion unknown": the code of distributed engines.
            "40003" => Remedio::Rendirse,
            _ if matches!(self, Self::Internal(_)) => Remedio::Separar,
            _ => Remedio::Rendirse,
        }
    }

    /// Whether the database itself said so, and not the way to it.
    pub(super) fn is_answer(&self) -> bool {
        let cause: &(dyn Error + 'static) = self;
        let mut causes = iter::successors(Some(cause), |error| (**error).source());
        let error = causes.find_map(|error| error.downcast_ref::<sqlx::Error>());
        error.is_some_and(|error| error.as_database_error().is_some())
    }

    /// Whether SQLite cannot write to its file, and not merely has to wait for somebody else: READONLY, IOERR, CORRUPT, FULL,
    /// CANTOPEN, NOTADB.
    pub(super) fn is_unwritable(&self) -> bool {
        const PRIMARY: [i32; 6] = [8, 10, 11, 13, 14, 26];
        let (Self::Unavailable(cause) | Self::Internal(cause)) = self;
        let error = cause.downcast_ref::<sqlx::Error>().and_then(sqlx::Error::as_database_error);
        let code = error.and_then(sqlx::error::DatabaseError::code);
        code.and_then(|code| code.parse::<i32>().ok()).is_some_and(|code| PRIMARY.contains(&(code & 0xff)))
    }

    /// The same failure, for one of several whom it concerns.
    #[must_use]
    pub fn shared(error: &Arc<Self>) -> Self {
        let cause = Box::new(Shared(error.clone()));
        match **error {
            Self::Unavailable(_) => Self::Unavailable(cause),
            Self::Internal(_) => Self::Internal(cause),
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct Shared(#[from] Arc<RepositoryError>);

impl From<sqlx::Error> for RepositoryError {
    fn from(error: sqlx::Error) -> Self {
        if is_unavailable(&error) { Self::Unavailable(Box::new(error)) } else { Self::Internal(Box::new(error)) }
    }
}

impl From<MigrateError> for RepositoryError {
    fn from(error: MigrateError) -> Self {
        sqlx::Error::from(error).into()
    }
}

/// Why SQLite's file could not be opened. Never says where it was looked for.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// SQLite creates a file, not the directories above it.
    #[error("the directory of the SQLite file does not exist")]
    MissingDirectory,
    /// Not created without being told so.
    #[error("the SQLite file does not exist (mode=rwc creates it)")]
    MissingFile,
    /// Not a database, not permitted, locked for too long.
    #[error("the SQLite file cannot be used")]
    Unusable(#[source] RepositoryError),
}

/// Whether the failure will pass without anybody mending the service. The one place that decides.
fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| is_unavailable_code(&code)),
        sqlx::Error::Migrate(error) => match &**error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => is_unavailable(error),
            _ => false,
        },
        _ => false,
    }
}

/// A SQLSTATE always has five characters, a code of SQLite's never.
fn is_unavailable_code(code: &str) -> bool {
    if code.len() == 5 { is_unavailable_sqlstate(code) } else { is_unavailable_sqlite(code) }
}

fn is_unavailable_sqlstate(code: &str) -> bool {
    // Connection, authorization, resources, operator intervention, system error.
    const CLASSES: [&str; 5] = ["08", "28", "53", "57", "58"];
    // Read-only server, session ended while idle, serialization failure, deadlock, lock timeout,
    // no such database (yet).
    const CODES: [&str; 6] = ["25006", "25P03", "40001", "40P01", "55P03", "3D000"];
    CLASSES.iter().any(|class| code.starts_with(class)) || CODES.contains(&code)
}

fn is_unavailable_sqlite(code: &str) -> bool {
    // BUSY, LOCKED, NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB: the low
    // byte of the extended code.
    const PRIMARY: [i32; 10] = [5, 6, 7, 8, 10, 11, 13, 14, 15, 26];
    code.parse::<i32>().is_ok_and(|code| PRIMARY.contains(&(code & 0xff)))
}

/// Failures as databases tell them, for tests.
#[cfg(test)]
pub(crate) mod coded {
    use std::borrow::Cow;
    use std::error::Error;
    use std::fmt;

    use sqlx::error::{DatabaseError, ErrorKind};

    #[derive(Debug)]
    struct Coded(&'static str);

    impl fmt::Display for Coded {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Coded {}

    impl DatabaseError for Coded {
        fn message(&self) -> &str {
            self.0
        }

        fn code(&self) -> Option<Cow<'_, str>> {
            Some(self.0.into())
        }

        fn as_error(&self) -> &(dyn Error + Send + Sync + 'static) {
            self
        }

        fn as_error_mut(&mut self) -> &mut (dyn Error + Send + Sync + 'static) {
            self
        }

        fn into_error(self: Box<Self>) -> Box<dyn Error + Send + Sync + 'static> {
            self
        }

        fn kind(&self) -> ErrorKind {
            ErrorKind::Other
        }
    }

    /// An answer of a database with this code.
    pub(crate) fn coded(code: &'static str) -> sqlx::Error {
        sqlx::Error::Database(Box::new(Coded(code)))
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;

    use sqlx::migrate::MigrateError;

    use super::coded::coded;
    use super::{Remedio, RepositoryError};

    #[track_caller]
    fn assert_unavailable(error: sqlx::Error) {
        let error = RepositoryError::from(error);
        assert!(matches!(error, RepositoryError::Unavailable(_)), "{error:?}");
    }

    #[track_caller]
    fn assert_internal(error: sqlx::Error) {
        let error = RepositoryError::from(error);
        assert!(matches!(error, RepositoryError::Internal(_)), "{error:?}");
    }

    #[test]
    fn a_lost_or_unreachable_database_is_unavailable() {
        assert_unavailable(io::Error::from(io::ErrorKind::ConnectionRefused).into());
        assert_unavailable(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        assert_unavailable(sqlx::Error::PoolTimedOut);
        assert_unavailable(sqlx::Error::PoolClosed);
        assert_unavailable(sqlx::Error::WorkerCrashed);
    }

    #[test]
    fn a_postgresql_that_refuses_work_for_now_is_unavailable() {
        let codes = [
            "08006", "08P01", "25006", "28P01", "3D000", "40001", "40P01", "53100", "53300", "55P03", "57014", "57P01", "57P02",
            "57P03", "58030", "25P03",
        ];
        for code in codes {
            assert_unavailable(coded(code));
        }
    }

    #[test]
    fn a_sqlite_that_refuses_work_for_now_is_unavailable() {
        for code in ["5", "517", "261", "6", "8", "1032", "10", "778", "11", "13", "14", "26"] {
            assert_unavailable(coded(code));
        }
    }

    #[test]
    fn defects_are_internal() {
        for code in ["22003", "22021", "23505", "23514", "42601", "42P01", "42501", "0A000", "XX000"] {
            assert_internal(coded(code));
        }
        for code in ["1", "19", "275", "787", "1555", "2067", "20", "21"] {
            assert_internal(coded(code));
        }
        assert_internal(sqlx::Error::RowNotFound);
        assert_internal(sqlx::Error::ColumnNotFound("saldo".into()));
    }

    #[test]
    fn a_migration_is_judged_by_its_cause() {
        assert_unavailable(MigrateError::ExecuteMigration(coded("57P01"), 1).into());
        assert_internal(MigrateError::ExecuteMigration(coded("42601"), 1).into());
        assert_internal(MigrateError::VersionMismatch(1).into());
    }

    #[test]
    fn no_text_of_the_cause_stands_in_the_message() {
        let error = RepositoryError::from(coded("42P01"));
        assert_eq!(error.to_string(), "the database failed unexpectedly");
    }

    #[test]
    fn a_full_disk_is_not_taken_for_a_busy_file() {
        let is_unwritable = |code| RepositoryError::from(coded(code)).is_unwritable();
        assert!(["13", "8", "1032", "10", "778", "14"].into_iter().all(is_unwritable));
        assert!(!["5", "517", "6", "7", "19", "2067"].into_iter().any(is_unwritable));
    }

    #[test]
    fn a_shared_failure_stays_what_it_was() {
        let refused = Arc::new(RepositoryError::from(coded("53300")));
        assert!(refused.is_answer() && RepositoryError::shared(&refused).is_answer());
        let lost = Arc::new(RepositoryError::from(sqlx::Error::PoolTimedOut));
        assert!(!RepositoryError::shared(&lost).is_answer());
        assert!(matches!(RepositoryError::shared(&lost), RepositoryError::Unavailable(_)));
        let defect = Arc::new(RepositoryError::from(coded("23514")));
        assert!(matches!(RepositoryError::shared(&defect), RepositoryError::Internal(_)));
    }

    #[test]
    fn only_an_answer_of_the_server_makes_a_second_attempt_safe() {
        let remedio = |error| RepositoryError::from(error).remedio();
        let rows: [(&[&str], Remedio); 4] = [
            (&["40001", "40P01", "23505"], Remedio::Repetir),
            (&["55P03", "57014"], Remedio::SepararFilas),
            (&["23514", "22003", "1555"], Remedio::Separar),
            (&["40003", "57P01", "08006", "53300", "5", "13"], Remedio::Rendirse),
        ];
        for (code, expected) in rows.iter().flat_map(|(codes, remedio)| codes.iter().map(move |code| (code, remedio))) {
            assert_eq!(remedio(coded(code)), *expected, "{code}");
        }
        assert_eq!(remedio(io::Error::from(io::ErrorKind::UnexpectedEof).into()), Remedio::Rendirse);
        assert_eq!(remedio(sqlx::Error::PoolTimedOut), Remedio::Rendirse);
        assert_eq!(remedio(sqlx::Error::RowNotFound), Remedio::Rendirse);
    }
}
