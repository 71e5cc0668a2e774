//! One request: what came of it before, or what comes of it now.

use std::future::Future;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::{Pool, Transaction};

use super::engine::{Columns, Row, SqlEngine};
use super::outcome::{StoredOutcome, is_kept};
use super::transaction::{LentTransaction, lend};
use crate::failure::Failure;
use crate::idempotency::{IdempotencyError, Keyed, KeyedRequest};
use crate::language::Language;

/// What an effect came to.
pub(super) type Settled<T> = Result<Keyed<Result<T, Failure>>, Failure>;

/// Performs the effect without a key: all of it or, where it fails, nothing.
pub(super) async fn perform<DB: SqlEngine, T, F, Fut>(pool: &Pool<DB>, effect: F) -> Settled<T>
where
    F: FnOnce(LentTransaction<DB>) -> Fut,
    Fut: Future<Output = Result<T, Failure>>,
{
    let (mut transaction, result) = attempt(DB::begin(pool).await?, effect).await?;
    let result = match result {
        Ok(data) => DB::execute(&mut transaction, RELEASE).await.map(|()| data).map_err(Failure::from),
        Err(failure) => Err(failure),
    };
    match result {
        Ok(data) => {
            transaction.commit().await?;
            Ok(Keyed::Fresh(Ok(data)))
        }
        Err(failure) => undo(transaction, failure).await,
    }
}

/// Performs the effect under a key, or tells what came of it before.
pub(super) async fn settle<DB: SqlEngine, T, F, Fut>(
    pool: &Pool<DB>,
    request: &KeyedRequest,
    ttl: Duration,
    effect: F,
) -> Settled<T>
where
    T: Serialize + DeserializeOwned,
    F: FnOnce(LentTransaction<DB>) -> Fut,
    Fut: Future<Output = Result<T, Failure>>,
{
    let (mut transaction, key) = (DB::begin(pool).await?, Columns::of(request));
    let is_free = DB::lock(&mut transaction, &key).await?;
    if let Some(row) = DB::find(&mut transaction, &key, ttl).await? {
        transaction.rollback().await?;
        return settled(&row, &key);
    }
    if !is_free {
        return refuse(transaction, IdempotencyError::InProgress.into()).await;
    }
    match attempt(transaction, effect).await? {
        (transaction, Err(failure)) if !is_kept(&failure) => undo(transaction, failure).await,
        (transaction, result) => keep(transaction, &key, ttl, result).await,
    }
}

/// What is kept under the key, if anything is. Waits for nobody's effect.
pub(super) async fn find<DB: SqlEngine, T: DeserializeOwned>(
    pool: &Pool<DB>,
    request: &KeyedRequest,
    ttl: Duration,
) -> Result<Option<Keyed<Result<T, Failure>>>, Failure> {
    let key = Columns::of(request);
    let row = DB::find(&mut *pool.acquire().await?, &key, ttl).await?;
    row.map(|row| settled(&row, &key)).transpose()
}

fn settled<T: DeserializeOwned>((fingerprint, language, outcome): &Row, key: &Columns<'_>) -> Settled<T> {
    if *fingerprint != key.fingerprint {
        return Ok(Keyed::Reused);
    }
    let language = if language == Language::En.tag() { Language::En } else { Language::Es };
    Ok(Keyed::Replayed(StoredOutcome::new(outcome.clone()).read()?, language))
}

const SAVEPOINT: &str = "savepoint efecto";
const UNDO: &str = "rollback to savepoint efecto";
/// Fails where PostgreSQL has given the transaction up, or the effect has ended it, whatever the effect made of it: a commit would
/// not tell.
const RELEASE: &str = "release savepoint efecto";

type Attempt<DB, T> = (Transaction<'static, DB>, Result<T, Failure>);

async fn attempt<DB: SqlEngine, T, F, Fut>(
    mut transaction: Transaction<'static, DB>,
    effect: F,
) -> Result<Attempt<DB, T>, Failure>
where
    F: FnOnce(LentTransaction<DB>) -> Fut,
    Fut: Future<Output = Result<T, Failure>>,
{
    DB::execute(&mut transaction, SAVEPOINT).await?;
    lend(transaction, effect).await
}

/// Keeps the outcome in the transaction of the effect.
async fn keep<DB: SqlEngine, T: Serialize + DeserializeOwned>(
    mut transaction: Transaction<'static, DB>,
    key: &Columns<'_>,
    ttl: Duration,
    result: Result<T, Failure>,
) -> Settled<T> {
    let (outcome, end) = (StoredOutcome::of(result.as_ref()), if result.is_ok() { RELEASE } else { UNDO });
    match write(&mut transaction, key, ttl, outcome, end).await {
        Ok(outcome) => {
            transaction.commit().await?;
            // A refusal that is made now still has its cause and its place.
            Ok(Keyed::Fresh(result.and(outcome)))
        }
        Err(failure) => undo(transaction, failure).await,
    }
}

/// Ends the effect's part, writes the outcome, and reads it as a repetition will. A refusal is kept alone, whatever the effect had written.
async fn write<DB: SqlEngine, T: DeserializeOwned>(
    transaction: &mut Transaction<'static, DB>,
    key: &Columns<'_>,
    ttl: Duration,
    outcome: Result<StoredOutcome, serde_json::Error>,
    end: &'static str,
) -> Result<Result<T, Failure>, Failure> {
    let outcome = outcome?;
    let read = outcome.read()?;
    DB::execute(transaction, end).await?;
    if DB::keep(transaction, key, outcome.as_str(), ttl).await? {
        return Ok(read);
    }
    // Somebody else was faster, behind a snapshot that did not show it.
    Err(IdempotencyError::InProgress.into())
}

/// Undoes what an effect has done before it tells why.
async fn undo<DB: SqlEngine, T>(mut transaction: Transaction<'static, DB>, failure: Failure) -> Settled<T> {
    if DB::execute(&mut transaction, UNDO).await.is_err() {
        // An effect that has ended the transaction itself leaves a connection that believes in one: it gets one.
        let _ = DB::execute(&mut transaction, "begin").await;
    }
    refuse(transaction, failure).await
}

async fn refuse<DB: SqlEngine, T>(transaction: Transaction<'static, DB>, failure: Failure) -> Settled<T> {
    // What cannot be rolled back is lost with its connection.
    let _ = transaction.rollback().await;
    Err(failure)
}
