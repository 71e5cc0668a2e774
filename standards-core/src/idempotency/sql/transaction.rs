//! A transaction that an effect works in and that somebody else ends.

use std::fmt;
use std::future::Future;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use sqlx::{Database, Transaction};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::caught::catch_panic_async;
use crate::failure::Failure;

/// The transaction in which an effect works. It derefs to the connection; the store commits it or rolls it back.
///
/// An effect that hands it to a task that outlives the effect has it rolled back, and fails with 500.
pub struct LentTransaction<DB: Database>(OwnedMutexGuard<Transaction<'static, DB>>);

impl<DB: Database> Deref for LentTransaction<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &DB::Connection {
        &self.0
    }
}

impl<DB: Database> DerefMut for LentTransaction<DB> {
    fn deref_mut(&mut self) -> &mut DB::Connection {
        &mut self.0
    }
}

impl<DB: Database> fmt::Debug for LentTransaction<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LentTransaction(..)")
    }
}

/// Lends the transaction to `effect` and takes it back; a panic of the effect's is its failure.
pub(super) async fn lend<DB: Database, T, F, Fut>(
    transaction: Transaction<'static, DB>,
    effect: F,
) -> Result<(Transaction<'static, DB>, Result<T, Failure>), Failure>
where
    F: FnOnce(LentTransaction<DB>) -> Fut,
    Fut: Future<Output = Result<T, Failure>>,
{
    let ours = Arc::new(Mutex::new(transaction));
    let lent = LentTransaction(ours.clone().lock_owned().await);
    let result = catch_panic_async(async move { effect(lent).await }).await.flatten();
    match Arc::try_unwrap(ours) {
        Ok(transaction) => Ok((transaction.into_inner(), result)),
        Err(_) => Err(Failure::internal("an effect has kept its transaction")),
    }
}
