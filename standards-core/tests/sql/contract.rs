//! The promises of every store.

use std::time::Duration;

use standards_core::Failure;
use standards_core::idempotency::IdempotencyStore as _;
use standards_core::idempotency::contract::{StoreUnderTest, verify};
use standards_core::idempotency::sql::{SqlEffect, SqlStore};

use crate::bank::{Bank, Branch, deposit, fresh, on_both, replayed};

impl<DB: Bank> StoreUnderTest for Branch<DB> {
    type Store = SqlStore<DB>;

    fn store(&self) -> &SqlStore<DB> {
        &self.store
    }

    fn effect(&self) -> SqlEffect<DB> {
        SqlStore::effect(async |mut tx| DB::deposit(&mut tx).await)
    }

    fn failing_effect(&self) -> SqlEffect<DB> {
        SqlStore::effect(async |mut tx| {
            DB::deposit(&mut tx).await?;
            Err::<(), _>(Failure::unavailable("gone"))
        })
    }

    async fn performed(&self) -> u64 {
        self.count().await.try_into().unwrap()
    }
}

on_both!(it_keeps_the_contract, what_a_clock_dated_far_ahead_counts_from_now);

async fn it_keeps_the_contract<DB: Bank>(branch: Branch<DB>) {
    verify(&branch).await;
}

async fn what_a_clock_dated_far_ahead_counts_from_now<DB: Bank>(branch: Branch<DB>) {
    let first = fresh(deposit(&branch, "k").await);
    let ahead = match DB::NAME {
        "PostgreSQL" => "update idempotencia set created_at = timestamptz '2999-01-01'",
        _ => "update idempotencia set created_at = 32503680000000000",
    };
    assert_eq!(branch.run(ahead).await, 1);
    let day = Duration::from_secs(86_400);
    assert_eq!(branch.store.reap(day, 10).await.unwrap(), 0);
    assert_eq!(replayed(deposit(&branch, "k").await), first);
    assert_eq!(branch.store.reap(Duration::ZERO, 10).await.unwrap(), 1);
}
