//! Errors of a database driver that end an operation.

use sqlx::Error;

use super::Failure;

/// 503 where the same may succeed in a moment: the database is not there, is busy, or gave way to another transaction. Else 500.
impl From<Error> for Failure {
    #[track_caller]
    fn from(error: Error) -> Self {
        let error_type = error_type(&error);
        let failure = if is_unavailable(&error) { Self::unavailable(error) } else { Self::internal(error) };
        failure.with_error_type(error_type)
    }
}

const fn error_type(error: &Error) -> &'static str {
    match error {
        Error::Io(_) => "ConnectionFailed",
        Error::Tls(_) => "TlsFailed",
        Error::PoolTimedOut => "PoolTimedOut",
        Error::PoolClosed => "PoolClosed",
        Error::WorkerCrashed => "WorkerCrashed",
        _ => "sqlx::Error",
    }
}

fn is_unavailable(error: &Error) -> bool {
    match error {
        Error::Io(_) | Error::Tls(_) | Error::PoolTimedOut | Error::PoolClosed | Error::WorkerCrashed => true,
        Error::Database(answer) => answer.code().is_some_and(|code| is_temporary(&code)),
        _ => false,
    }
}

/// A SQLSTATE always has five characters, a code of SQLite's never.
fn is_temporary(code: &str) -> bool {
    // Connection, authorization, resources, operator intervention, system error.
    const CLASSES: [&str; 5] = ["08", "28", "53", "57", "58"];
    // Read-only server, session ended while idle, serialization failure, deadlock, lock timeout, no such database (yet).
    const CODES: [&str; 6] = ["25006", "25P03", "40001", "40P01", "55P03", "3D000"];
    // BUSY, LOCKED, NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB: the low byte of an extended code.
    const PRIMARY: [i32; 10] = [5, 6, 7, 8, 10, 11, 13, 14, 15, 26];
    if code.len() == 5 {
        return CODES.contains(&code) || CLASSES.iter().any(|class| code.starts_with(class));
    }
    code.parse::<i32>().is_ok_and(|code| PRIMARY.contains(&(code & 0xff)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_is_not_there_is_503_and_a_defect_500() {
        let unforeseen = [(Error::PoolTimedOut, "PoolTimedOut", 503), (Error::RowNotFound, "sqlx::Error", 500)];
        for (error, error_type, status) in unforeseen {
            let failure = Failure::from(error);
            assert_eq!((failure.error_type(), failure.status().as_u16()), (error_type, status));
        }
    }

    #[test]
    fn codes_tell_what_passes() {
        let temporary = ["40001", "57P01", "08006", "53300", "5", "517", "13"];
        assert!(temporary.iter().all(|code| is_temporary(code)));
        let lasting = ["23505", "42P01", "22003", "25P02", "19", "2067", "1", "", "x"];
        assert!(!lasting.iter().any(|code| is_temporary(code)));
    }
}
