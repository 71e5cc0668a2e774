//! Requests that come at once.

use std::sync::Arc;

use standards_core::Failure;
use standards_core::context::WithContext as _;
use standards_core::idempotency::{Keyed, sql::LentTransaction};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::bank::{Bank, Branch, attempt, deposit, deposit_in_the_end, fresh, on_both, on_postgres, refused, replayed};

on_both!(
    of_fifty_at_two_instances_one_is_performed,
    a_repetition_is_409_until_the_first_request_ends,
    a_client_that_leaves_stops_nothing,
);

async fn of_fifty_at_two_instances_one_is_performed<DB: Bank>(branch: Branch<DB>) {
    let branches = [Arc::new(Branch::<DB>::open(&branch.url).await), Arc::new(branch)];
    let mut requests = JoinSet::new();
    for branch in branches.iter().cycle().take(50).map(Arc::clone) {
        requests.spawn(async move { deposit(&branch, "k").await }.with_context());
    }
    let mut performed = 0;
    for settled in requests.join_all().await {
        match settled {
            Ok(Keyed::Fresh(Ok(number))) => performed += number,
            Ok(Keyed::Replayed(Ok(number), _)) => assert_eq!(number, 1),
            refusal => assert_eq!(refused(refusal), "IDEMPOTENCY_EN_PROCESO"),
        }
    }
    assert_eq!((performed, branches[0].count().await), (1, 1));
    for branch in branches {
        assert_eq!(replayed(deposit(&branch, "k").await), 1);
    }
}

/// An effect that says when it has written, and then waits.
struct Gate {
    has_written: Arc<Semaphore>,
    may_end: Arc<Semaphore>,
}

impl Gate {
    fn new() -> Self {
        Self { has_written: Arc::new(Semaphore::new(0)), may_end: Arc::new(Semaphore::new(0)) }
    }

    fn effect<DB: Bank>(&self) -> impl FnOnce(LentTransaction<DB>) -> Held + Send + 'static {
        let (has_written, may_end) = (self.has_written.clone(), self.may_end.clone());
        move |mut tx| {
            Box::pin(async move {
                let number = DB::deposit(&mut tx).await?;
                has_written.add_permits(1);
                let _ = may_end.acquire().await;
                Ok(number)
            })
        }
    }

    async fn has_written(&self) {
        self.has_written.acquire().await.unwrap().forget();
    }

    fn open(&self) {
        self.may_end.close();
    }
}

type Held = std::pin::Pin<Box<dyn Future<Output = Result<i32, Failure>> + Send>>;

async fn a_repetition_is_409_until_the_first_request_ends<DB: Bank>(branch: Branch<DB>) {
    let (gate, branch) = (Gate::new(), Arc::new(branch));
    let (first, effect) = (branch.clone(), gate.effect());
    let mut set = JoinSet::new();
    set.spawn(async move { attempt(&first, "k", effect).await }.with_context());
    gate.has_written().await;
    assert_eq!(refused(deposit(&branch, "k").await), "IDEMPOTENCY_EN_PROCESO");
    gate.open();
    assert_eq!(fresh(set.join_next().await.unwrap().unwrap()), 1);
    assert_eq!(replayed(deposit(&branch, "k").await), 1);
}

async fn a_client_that_leaves_stops_nothing<DB: Bank>(branch: Branch<DB>) {
    let gate = Gate::new();
    tokio::select! {
        _ = attempt(&branch, "k", gate.effect()) => panic!("the gate is closed"),
        () = gate.has_written() => {}
    }
    gate.open();
    assert_eq!((replayed(deposit_in_the_end(&branch, "k").await), branch.count().await), (1, 1));
}

#[tokio::test]
async fn another_instance_waits_for_no_lock_of_postgresql() {
    on_postgres(async |branch| {
        let (gate, other) = (Gate::new(), Branch::<sqlx::Postgres>::open(&branch.url).await);
        let first = attempt(&branch, "k", gate.effect());
        let meanwhile = async {
            gate.has_written().await;
            assert_eq!(refused(deposit(&other, "k").await), "IDEMPOTENCY_EN_PROCESO");
            assert_eq!(fresh(deposit(&other, "otra").await), 1, "another key is no concern of it");
            gate.open();
        };
        let (first, ()) = tokio::join!(first, meanwhile);
        assert_eq!(fresh(first), 1);
        assert_eq!((replayed(deposit(&other, "k").await), other.count().await), (1, 2));
    })
    .await;
}
