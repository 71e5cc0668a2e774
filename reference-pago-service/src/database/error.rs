//! What can go wrong with the database, and whose fault it is.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::io;
use std::sync::{Arc, LazyLock};

use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;
use sqlx::postgres::PgDatabaseError;
use standards_core::Failure;

const TLS_FAILED: &str = "TlsFailed";
const UNFIT: &str = "DatabaseUnfit";
/// A pooler that does not take the parameter of the start-up message in which a session's settings stand.
const UNSUPPORTED: &str = "unsupported startup parameter";

/// Why a repository could not answer.
///
/// What it is, what the database calls it and what may be done about it are settled once, where the driver's error is converted, and
/// read from here on. Clones are the same failure, for all whom it concerns.
#[derive(Clone, Debug)]
pub struct RepositoryError(Arc<Details>);

#[derive(Debug)]
struct Details {
    kind: ErrorKind,
    remedy: Remedy,
    is_outdated: bool,
    code: Option<String>,
    constraint: Option<String>,
    failure: Failure,
}

/// Whose fault a failure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The database is not there, is busy or refuses work for now: the same request may succeed
    /// later. Whether a write happened is unknown when the connection was lost during it.
    Unavailable,
    /// A defect of ours or of the stored data: the same request would fail again.
    Internal,
    /// Another transaction holds the row of one order, which was passed over: [`LockWait::Wait`](crate::repositories::LockWait::Wait)
    /// decides it.
    RowHeld,
}

/// What can be done about a failed batch of writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Nothing was committed, and the same may succeed in a moment: two transactions were in each other's way, or the statement was
    /// prepared for tables that have been altered since.
    Retry,
    /// Nothing was committed, because a lock did not come in time: other rows may be free.
    SplitByRow,
    /// Nothing was committed, and one of the writes may be to blame.
    Split,
    /// The database is not there, or whether it committed is unknown.
    GiveUp,
}

/// Why a database cannot be used before somebody has mended it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unfit {
    /// Not every name can be kept in it.
    #[error("its encoding is {0} and must be UTF8: make it with `create database ... template template0 encoding 'UTF8'`")]
    Encoding(String),
    /// A pooler gives each transaction another session, whose limits nobody has set.
    #[error(
        "the settings of a session are not in force, as behind a connection pooler (pgbouncer): connect to the server itself"
    )]
    Pooler,
}

impl RepositoryError {
    /// A database that does not do what is asked of it for now.
    #[track_caller]
    pub fn unavailable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::of(ErrorKind::Unavailable, Failure::unavailable(cause.into()).with_error_type("DatabaseUnavailable"))
    }

    /// A defect of ours or of the stored data.
    #[track_caller]
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::of(ErrorKind::Internal, Failure::internal(cause.into()).with_error_type("DatabaseDefect"))
    }

    /// An order that was passed over. Made once: it costs no more than a clone.
    #[must_use]
    pub fn row_held() -> Self {
        static ROW_HELD: LazyLock<RepositoryError> = LazyLock::new(|| {
            let failure = Failure::unavailable("another transaction holds the cliente's row").with_error_type("RowHeld");
            RepositoryError::of(ErrorKind::RowHeld, failure)
        });
        ROW_HELD.clone()
    }

    /// A database that cannot be used before somebody has mended it.
    #[track_caller]
    pub(super) fn unfit(cause: Unfit) -> Self {
        Self::of(ErrorKind::Internal, Failure::internal(cause).with_error_type(UNFIT))
    }

    /// A panic during the work, which knows its place. Whether anything was committed is unknown.
    pub(super) fn panicked(panic: Failure) -> Self {
        Self::of(ErrorKind::Internal, panic)
    }

    fn of(kind: ErrorKind, failure: Failure) -> Self {
        Self(Arc::new(Details { kind, remedy: Remedy::GiveUp, is_outdated: false, code: None, constraint: None, failure }))
    }

    /// Whose fault it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What can be done about it, by what is certain: only an answer of the database says that a statement came to nothing.
    #[must_use]
    pub fn remedy(&self) -> Remedy {
        self.0.remedy
    }

    /// The code that the database gave: a SQLSTATE, or SQLite's extended result code. `None` where the way to it failed.
    #[must_use]
    pub fn sqlstate(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// What failed, in a short name that stays (`error.type` of the log record).
    #[must_use]
    pub fn error_type(&self) -> &'static str {
        self.0.failure.error_type()
    }

    /// Whether a write broke this constraint: its name on PostgreSQL, the extended result code of its kind on SQLite, which tells no
    /// name.
    #[must_use]
    pub fn violates(&self, constraint: &str) -> bool {
        self.0.constraint.as_deref().or(self.sqlstate()) == Some(constraint)
    }

    /// Whether the database itself said so, and not the way to it.
    pub(super) fn is_answer(&self) -> bool {
        self.0.code.is_some()
    }

    /// Whether the connection could not be encrypted as it is to be, which waiting does not mend.
    #[must_use]
    pub fn is_untrusted(&self) -> bool {
        self.error_type() == TLS_FAILED
    }

    /// Whether the statement was prepared for tables that have been altered since, or is not known to the session: nothing was done,
    /// and a connection that prepares it anew will do.
    pub(super) fn is_outdated(&self) -> bool {
        self.0.is_outdated
    }

    /// Whether SQLite cannot write to its file, and not merely has to wait for somebody else.
    pub(super) fn is_unwritable(&self) -> bool {
        // READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB.
        self.sqlstate().and_then(primary_code).is_some_and(|code| [8, 10, 11, 13, 14, 26].contains(&code))
    }
}

impl fmt::Display for RepositoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind() {
            ErrorKind::Internal if self.error_type() == UNFIT => "the database cannot be used",
            ErrorKind::Unavailable => "the database is unavailable",
            ErrorKind::Internal => "the database failed unexpectedly",
            ErrorKind::RowHeld => "the row is held by another transaction",
        })
    }
}

impl Error for RepositoryError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.failure.cause().map(|cause| cause as _)
    }
}

impl From<sqlx::Error> for RepositoryError {
    #[track_caller]
    fn from(error: sqlx::Error) -> Self {
        let answer = answer(&error);
        if answer.is_some_and(|answer| is_refused_by_pooler(answer.code().as_deref(), answer.message())) {
            return Self::unfit(Unfit::Pooler);
        }
        let code = answer.and_then(DatabaseError::code).map(Cow::into_owned);
        let constraint = answer.and_then(DatabaseError::constraint).map(str::to_owned);
        let (kind, error_type) = (kind(&error, code.as_deref()), error_type(&error));
        let is_outdated = is_outdated(answer, code.as_deref());
        let retry = is_outdated.then_some(Remedy::Retry);
        let remedy = retry.unwrap_or_else(|| code.as_deref().map_or(Remedy::GiveUp, |code| remedy(code, kind)));
        let cause = Told(error);
        let failure = if kind == ErrorKind::Internal { Failure::internal(cause) } else { Failure::unavailable(cause) };
        Self(Arc::new(Details { kind, remedy, is_outdated, code, constraint, failure: failure.with_error_type(error_type) }))
    }
}

impl From<MigrateError> for RepositoryError {
    #[track_caller]
    fn from(error: MigrateError) -> Self {
        sqlx::Error::from(error).into()
    }
}

impl From<RepositoryError> for Failure {
    fn from(error: RepositoryError) -> Self {
        error.0.failure.clone()
    }
}

/// The driver's error as it is told: of what PostgreSQL answered without the line, which is one of that server's own source.
#[derive(Debug)]
struct Told(sqlx::Error);

impl Told {
    fn postgres(&self) -> Option<&PgDatabaseError> {
        answer(&self.0)?.try_downcast_ref()
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(answer) = self.postgres() else { return self.0.fmt(f) };
        // The answer is told last, whatever the driver tells before it.
        let (told, with_line) = (self.0.to_string(), answer.to_string());
        write!(f, "{}{}", told.strip_suffix(&*with_line).unwrap_or_default(), answer.message())
    }
}

impl Error for Told {
    /// Of an answer all has been told.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        if self.postgres().is_some() { None } else { self.0.source() }
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

/// What the database itself said, if it was asked at all.
fn answer(error: &sqlx::Error) -> Option<&dyn DatabaseError> {
    match error {
        sqlx::Error::Database(answer) => Some(&**answer),
        sqlx::Error::Migrate(error) => match &**error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => answer(error),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a pooler has refused what the session was to be set up with.
fn is_refused_by_pooler(code: Option<&str>, message: &str) -> bool {
    code == Some("08P01") && message.starts_with(UNSUPPORTED)
}

/// Whether the failure will pass without anybody mending the service.
fn kind(error: &sqlx::Error, code: Option<&str>) -> ErrorKind {
    let unavailable = match (error, code) {
        (_, Some(code)) => is_unavailable(code),
        (sqlx::Error::Migrate(error), None) => match &**error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => return kind(error, None),
            _ => false,
        },
        (error, None) => {
            matches!(error_type(error), "ConnectionFailed" | TLS_FAILED | "PoolTimedOut" | "PoolClosed" | "WorkerCrashed")
        }
    };
    if unavailable { ErrorKind::Unavailable } else { ErrorKind::Internal }
}

fn error_type(error: &sqlx::Error) -> &'static str {
    match error {
        sqlx::Error::Tls(_) => TLS_FAILED,
        // So a certificate that is not trusted is told.
        sqlx::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => TLS_FAILED,
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::BeginFailed => "ConnectionFailed",
        sqlx::Error::PoolTimedOut => "PoolTimedOut",
        sqlx::Error::PoolClosed => "PoolClosed",
        sqlx::Error::WorkerCrashed => "WorkerCrashed",
        sqlx::Error::Migrate(_) => "sqlx::MigrateError",
        _ => "sqlx::Error",
    }
}

/// What PostgreSQL says of a prepared statement before it does anything: the name of the place, since its sentence is in the server's
/// language and the code is that of many others; and of one whose name it does not know, or knows already.
fn is_outdated(answer: Option<&dyn DatabaseError>, code: Option<&str>) -> bool {
    let routine = || answer.and_then(|answer| answer.try_downcast_ref::<PgDatabaseError>()?.routine());
    match code {
        Some("0A000") => routine() == Some("RevalidateCachedQuery"),
        Some("26000" | "42P05") => true,
        _ => false,
    }
}

fn remedy(code: &str, kind: ErrorKind) -> Remedy {
    match code {
        // Serialization failure, deadlock, and a key that another process wrote first.
        "40001" | "40P01" | "23505" => Remedy::Retry,
        // Lock timeout; statement timeout, which several waits for locks add up to.
        "55P03" | "57014" => Remedy::SplitByRow,
        // "Statement completion unknown": the code of distributed engines.
        "40003" => Remedy::GiveUp,
        _ if kind == ErrorKind::Internal => Remedy::Split,
        _ => Remedy::GiveUp,
    }
}

/// A SQLSTATE always has five characters, a code of SQLite's never.
fn is_unavailable(code: &str) -> bool {
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
    // BUSY, LOCKED, NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB.
    const PRIMARY: [i32; 10] = [5, 6, 7, 8, 10, 11, 13, 14, 15, 26];
    primary_code(code).is_some_and(|code| PRIMARY.contains(&code))
}

/// The kind of a SQLite failure: the low byte of the extended code.
fn primary_code(code: &str) -> Option<i32> {
    if code.len() == 5 { None } else { code.parse::<i32>().ok().map(|code| code & 0xff) }
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

    use sqlx::migrate::MigrateError;

    use super::coded::coded;
    use super::*;

    #[track_caller]
    fn assert_unavailable(error: sqlx::Error) {
        let error = RepositoryError::from(error);
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
    }

    #[track_caller]
    fn assert_internal(error: sqlx::Error) {
        let error = RepositoryError::from(error);
        assert_eq!(error.kind(), ErrorKind::Internal, "{error:?}");
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
    fn the_answer_of_the_database_is_kept() {
        for error in [coded("53300"), MigrateError::Execute(coded("53300")).into()] {
            let error = RepositoryError::from(error);
            assert_eq!((error.clone().sqlstate(), error.is_answer()), (Some("53300"), true));
        }
        assert!(!RepositoryError::from(sqlx::Error::PoolTimedOut).is_answer());
    }

    #[test]
    fn what_failed_has_a_short_name() {
        for (error, name) in [
            (coded("42P01"), "sqlx::Error"),
            (sqlx::Error::PoolTimedOut, "PoolTimedOut"),
            (io::Error::from(io::ErrorKind::ConnectionRefused).into(), "ConnectionFailed"),
            (MigrateError::VersionMismatch(1).into(), "sqlx::MigrateError"),
        ] {
            assert_eq!(RepositoryError::from(error).error_type(), name);
        }
    }

    #[test]
    fn only_an_answer_of_the_server_makes_a_second_attempt_safe() {
        let remedy = |error| RepositoryError::from(error).remedy();
        let rows: [(&[&str], Remedy); 4] = [
            (&["40001", "40P01", "23505"], Remedy::Retry),
            (&["55P03", "57014"], Remedy::SplitByRow),
            (&["23514", "22003", "1555"], Remedy::Split),
            (&["40003", "57P01", "08006", "53300", "5", "13"], Remedy::GiveUp),
        ];
        for (code, expected) in rows.iter().flat_map(|(codes, remedy)| codes.iter().map(move |code| (code, remedy))) {
            assert_eq!(remedy(coded(code)), *expected, "{code}");
        }
        assert_eq!(remedy(io::Error::from(io::ErrorKind::UnexpectedEof).into()), Remedy::GiveUp);
        assert_eq!(remedy(sqlx::Error::PoolTimedOut), Remedy::GiveUp);
        assert_eq!(remedy(sqlx::Error::RowNotFound), Remedy::GiveUp);
    }
}
