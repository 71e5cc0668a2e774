//! Effects that fail.

use standards_core::idempotency::Keyed;
use standards_core::log::LogLevel;
use standards_core::{ErrorEntry, ErrorStatus, Failure, Language, Text, context, error_catalogue};

use crate::bank::{Bank, Branch, attempt, deposit, deposit_in_the_end, fresh, on_both, on_postgres, refused, request};

error_catalogue! {
    enum DepositoError {
        CajaLlena { libres: u8 } => 400, "CAJA_LLENA", "Quedan {libres} lugares", en "{libres} places left", level LogLevel::Info;
    }
}

on_both!(
    a_refusal_is_kept_and_nothing_else_of_it,
    any_other_failure_leaves_no_trace,
    a_panic_leaves_no_trace,
    an_effect_that_keeps_its_transaction_is_undone,
    an_effect_that_ends_its_transaction_fails,
    data_that_cannot_be_read_back_is_not_kept,
    a_failure_of_the_database_is_told_at_the_line_of_the_call,
    without_a_key_a_failure_undoes_all,
);

async fn a_refusal_is_kept_and_nothing_else_of_it<DB: Bank>(branch: Branch<DB>) {
    let first = context::scope(english(), refuse(&branch)).await.unwrap();
    let Keyed::Fresh(Err(first)) = first else { panic!("{first:?}") };
    let Keyed::Replayed(Err(again), language) = deposit(&branch, "k").await.unwrap() else { panic!("no replay") };
    assert_eq!((language, again.level(), again.status()), (Language::En, LogLevel::Info, first.status()));
    for language in [Language::Es, Language::En] {
        assert_eq!(again.body(language), first.body(language));
    }
    assert_eq!((again.message().as_str(), branch.count().await), ("Quedan 0 lugares", 0));
}

fn english() -> standards_core::RequestContext {
    let id = standards_core::CorrelationId::generate();
    standards_core::RequestContext::with_details(id, "/depositos", "POST", Language::En, None)
}

async fn refuse<DB: Bank>(branch: &Branch<DB>) -> Result<Keyed<Result<i32, Failure>>, Failure> {
    let effect = async |mut tx: standards_core::idempotency::sql::LentTransaction<DB>, _| {
        DB::deposit(&mut tx).await?;
        Err(DepositoError::CajaLlena { libres: 0 })?
    };
    let key = "k".parse::<standards_core::idempotency::Key>().unwrap();
    branch.store.once(Some(key), "un depósito", effect).await
}

async fn any_other_failure_leaves_no_trace<DB: Bank>(branch: Branch<DB>) {
    for status in [401, 403, 404, 408, 409, 413, 415, 422, 429, 500, 502, 503, 504] {
        let status = ErrorStatus::try_from(status).unwrap();
        let entry = ErrorEntry::new("NO_SE_PUDO", status, Text::new("no", "no"), "");
        let failing = attempt(&branch, "k", async move |mut tx| {
            DB::deposit(&mut tx).await?;
            Err(Failure::of_entry(entry))
        });
        assert_eq!((refused(failing.await), branch.count().await), ("NO_SE_PUDO", 0), "{status:?}");
    }
    assert_eq!(fresh(deposit(&branch, "k").await), 1, "the key is free");
}

async fn a_panic_leaves_no_trace<DB: Bank>(branch: Branch<DB>) {
    let panicking = attempt(&branch, "k", async |mut tx| {
        DB::deposit(&mut tx).await?;
        panic!("a defect")
    });
    let failure = panicking.await.unwrap_err();
    assert_eq!((failure.error_type(), failure.cause_chain().as_str()), ("panic", "a defect"));
    let at_once = attempt(&branch, "k", |_| -> std::future::Ready<Result<i32, Failure>> { panic!("before it begins") });
    assert_eq!(at_once.await.unwrap_err().error_type(), "panic");
    assert_eq!((fresh(deposit(&branch, "k").await), branch.count().await), (1, 1));
}

async fn an_effect_that_keeps_its_transaction_is_undone<DB: Bank>(branch: Branch<DB>) {
    let (ours, theirs) = tokio::sync::oneshot::channel();
    let keeping = attempt(&branch, "k", async move |mut tx| {
        let number = DB::deposit(&mut tx).await?;
        ours.send(tx).map_err(|_| Failure::internal("nobody takes it"))?;
        Ok(number)
    });
    assert_eq!(refused(keeping.await), "INTERNAL_ERROR");
    drop(theirs.await.unwrap());
    assert_eq!((fresh(deposit_in_the_end(&branch, "k").await), branch.count().await), (1, 1));
}

async fn an_effect_that_ends_its_transaction_fails<DB: Bank>(branch: Branch<DB>) {
    for end in ["rollback", "rollback; begin"] {
        let ending = attempt(&branch, "k", async move |mut tx| {
            let number = DB::deposit(&mut tx).await?;
            DB::run(&mut tx, end).await?;
            Ok(number)
        });
        assert_eq!(refused(ending.await), "INTERNAL_ERROR", "{end}");
    }
    assert_eq!((fresh(deposit(&branch, "k").await), branch.count().await), (1, 1));
}

/// Reads no more than it must.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Lopsided {
    #[serde(skip_serializing)]
    _number: i32,
}

async fn data_that_cannot_be_read_back_is_not_kept<DB: Bank>(branch: Branch<DB>) {
    let key = "k".parse::<standards_core::idempotency::Key>().unwrap();
    let effect = async |mut tx: standards_core::idempotency::sql::LentTransaction<DB>, ()| {
        Ok(Lopsided { _number: DB::deposit(&mut tx).await? })
    };
    let failure = context::scope(request("/depositos"), branch.store.once(Some(key), (), effect)).await.unwrap_err();
    assert_eq!((failure.entry().code, branch.count().await), ("INTERNAL_ERROR", 0));
}

async fn a_failure_of_the_database_is_told_at_the_line_of_the_call<DB: Bank>(branch: Branch<DB>) {
    branch.pool.close().await;
    let key = Some("k".parse::<standards_core::idempotency::Key>().unwrap());
    for key in [key, None] {
        let (once, line) = (branch.store.once(key, (), async |mut tx, ()| DB::deposit(&mut tx).await), line!());
        let failure = context::scope(request("/depositos"), once).await.unwrap_err();
        assert_eq!((failure.status().as_u16(), failure.error_type()), (503, "PoolClosed"));
        assert!(failure.traceback().contains(&format!("failures.rs:{line}:")), "{}", failure.traceback());
    }
}

async fn without_a_key_a_failure_undoes_all<DB: Bank>(branch: Branch<DB>) {
    let none = || None::<standards_core::idempotency::Key>;
    let failing = branch.store.once(none(), (), async |mut tx, ()| -> Result<i32, Failure> {
        DB::deposit(&mut tx).await?;
        Err(DepositoError::CajaLlena { libres: 0 })?
    });
    assert_eq!((refused(failing.await), branch.count().await), ("CAJA_LLENA", 0));
    for number in 1..=2 {
        assert_eq!(fresh(branch.store.once(none(), (), async |mut tx, ()| DB::deposit(&mut tx).await).await), number);
    }
    assert_eq!(branch.count().await, 2);
}

#[tokio::test]
async fn an_effect_that_hides_a_failure_of_postgresql_is_undone() {
    on_postgres(async |branch| {
        for key in [Some("k".parse::<standards_core::idempotency::Key>().unwrap()), None] {
            let hiding = branch.store.once(key, (), async |mut tx, ()| {
                let number = sqlx::Postgres::deposit(&mut tx).await?;
                let _ = sqlx::Postgres::run(&mut tx, "select 1 / 0").await;
                Ok(number)
            });
            assert_eq!(refused(context::scope(request("/depositos"), hiding).await), "INTERNAL_ERROR");
        }
        assert_eq!((fresh(deposit(&branch, "k").await), branch.count().await), (1, 1));
    })
    .await;
}
