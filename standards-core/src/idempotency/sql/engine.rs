//! What a database must be able to do, and what is written into its table.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::future::Future;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use sqlx::{Database, Pool, Transaction};

use crate::idempotency::KeyedRequest;
use crate::language::Language;

/// A database that can keep outcomes: `sqlx::Postgres` or `sqlx::Sqlite`.
pub trait SqlEngine: Statements {}

impl<DB: Statements> SqlEngine for DB {}

/// The statements of one database.
pub trait Statements: Database {
    /// Makes the table, where there is none.
    const MIGRATION: &'static str;

    /// Begins a transaction that may write.
    fn begin(pool: &Pool<Self>) -> impl Future<Output = sqlx::Result<Transaction<'static, Self>>> + Send;

    /// Takes the key until the transaction ends; `false` where another transaction has it. Waits for nobody.
    fn lock(connection: &mut Self::Connection, key: &Columns<'_>) -> impl Future<Output = sqlx::Result<bool>> + Send;

    /// What is kept under the key and not older than `ttl`.
    fn find(
        connection: &mut Self::Connection,
        key: &Columns<'_>,
        ttl: Duration,
    ) -> impl Future<Output = sqlx::Result<Option<Row>>> + Send;

    /// Keeps an outcome, in place of one that is older than `ttl`; `false` where a younger one is there.
    fn keep(
        connection: &mut Self::Connection,
        key: &Columns<'_>,
        outcome: &str,
        ttl: Duration,
    ) -> impl Future<Output = sqlx::Result<bool>> + Send;

    /// Runs a statement that answers nothing.
    fn execute(connection: &mut Self::Connection, statement: &'static str) -> impl Future<Output = sqlx::Result<()>> + Send;

    /// Deletes what is older than that, `at_most` so many; how many it was.
    fn reap(pool: &Pool<Self>, older_than: Duration, at_most: u32) -> impl Future<Output = sqlx::Result<u64>> + Send;
}

/// `huella`, `idioma`, `resultado`.
pub(super) type Row = (String, String, String);

/// A request as the table's columns hold it.
#[derive(Debug)]
pub struct Columns<'r> {
    pub(super) subject: Cow<'r, str>,
    pub(super) operation: Cow<'r, str>,
    pub(super) key: &'r str,
    /// What was asked for may be long, or hold what nobody should read in a table: its SHA-256.
    pub(super) fingerprint: String,
    pub(super) language: Language,
}

impl<'r> Columns<'r> {
    pub(super) fn of(request: &'r KeyedRequest) -> Self {
        let (scope, fingerprint) = (request.scope(), hex(&sha256(&[request.fingerprint()])));
        let (subject, operation) = (indexable(scope.subject()), indexable(scope.operation()));
        Self { subject, operation, key: scope.key(), fingerprint, language: request.language() }
    }
}

/// A number for the key, for locks that are known by one: of two keys it is the same once in 2^64.
#[cfg(feature = "sqlx-postgres")]
pub(super) fn number_of(key: &Columns<'_>) -> i64 {
    let digest = sha256(&["idempotencia", &key.subject, &key.operation, key.key]);
    digest.iter().take(8).fold(0, |number, byte| (number << 8) | i64::from(*byte))
}

/// As it is, where it fits into an index's row and a text column; else its digest.
fn indexable(text: &str) -> Cow<'_, str> {
    const LONGEST: usize = 255;
    if text.len() <= LONGEST && !text.contains('\0') { text.into() } else { format!("sha256:{}", hex(&sha256(&[text]))).into() }
}

fn sha256(parts: &[&str]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    digest.finalize().into()
}

fn hex(digest: &[u8]) -> String {
    digest.iter().fold(String::with_capacity(2 * digest.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Microseconds, as both databases count time.
pub(super) fn microseconds(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::idempotency::KeyScope;

    fn columns(request: &KeyedRequest) -> (String, String) {
        let columns = Columns::of(request);
        (columns.subject.into_owned(), columns.fingerprint)
    }

    fn request(subject: &str, fingerprint: &str) -> KeyedRequest {
        KeyedRequest::new(KeyScope::new(subject, "POST /a", "k".parse().unwrap()), fingerprint)
    }

    #[test]
    fn what_was_asked_for_is_kept_as_its_digest() {
        let (subject, fingerprint) = columns(&request("ana", "secreto"));
        assert_eq!((subject.as_str(), fingerprint.len()), ("ana", 64));
        assert_ne!(columns(&request("ana", "secretO")).1, fingerprint);
    }

    #[test]
    fn a_text_that_no_index_takes_is_kept_as_its_digest() {
        let long = "a".repeat(255);
        assert_eq!(columns(&request(&long, "")).0, long);
        for (one, other) in [("a".repeat(256), "a".repeat(10_000)), ("a\0".into(), "a\0\0".into())] {
            let (one, other) = (columns(&request(&one, "")).0, columns(&request(&other, "")).0);
            assert!(one.starts_with("sha256:") && one.len() == 71 && one != other, "{one} {other}");
        }
    }
}
