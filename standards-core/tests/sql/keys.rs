//! Which requests are one.

use std::time::Duration;

use standards_core::Failure;
use standards_core::idempotency::sql::SqlStore;
use standards_core::idempotency::{Key, Keyed};
use standards_core::{RequestContext, context};

use crate::bank::{Bank, Branch, deposit, fresh, on_both, refused, replayed, request};

type Settled = Result<Keyed<Result<i32, Failure>>, Failure>;

on_both!(
    another_body_or_path_under_a_key_is_refused,
    keys_of_others_are_others,
    a_key_that_nobody_tells_the_operation_of_is_refused,
    an_expired_key_is_taken_anew,
    any_key_and_any_subject_is_kept_as_it_is,
);

async fn ask<DB: Bank>(store: &SqlStore<DB>, request: RequestContext, key: &str, body: &'static str) -> Settled {
    let key: Key = key.parse().unwrap();
    context::scope(request, store.once(Some(key), body, async |mut tx, _| DB::deposit(&mut tx).await)).await
}

fn routed(path: &str) -> RequestContext {
    let request = request(path);
    request.set_route("/cajas/{id}");
    request
}

async fn another_body_or_path_under_a_key_is_refused<DB: Bank>(branch: Branch<DB>) {
    let store = &branch.store;
    assert_eq!(fresh(ask(store, routed("/cajas/1"), "k", "x").await), 1);
    for (path, body) in [("/cajas/1", "y"), ("/cajas/2", "x")] {
        assert!(matches!(ask(store, routed(path), "k", body).await, Ok(Keyed::Reused)), "{path} {body}");
    }
    assert_eq!(replayed(ask(store, routed("/cajas/1"), "k", "x").await), 1);
    assert_eq!(branch.count().await, 1);
}

async fn keys_of_others_are_others<DB: Bank>(branch: Branch<DB>) {
    let ana = branch.store.of_subject("ana");
    assert_eq!(fresh(ask(&branch.store, request("/a"), "k", "x").await), 1);
    assert_eq!(fresh(ask(&ana, request("/a"), "k", "x").await), 2);
    assert_eq!(fresh(ask(&ana, request("/b"), "k", "x").await), 3);
    assert_eq!(fresh(ask(&ana, request("/a"), "K", "x").await), 4);
    assert_eq!(replayed(ask(&branch.store.of_subject("ana"), request("/a"), "k", "x").await), 2);
}

async fn a_key_that_nobody_tells_the_operation_of_is_refused<DB: Bank>(branch: Branch<DB>) {
    let key: Key = "k".parse().unwrap();
    let outside = branch.store.once(Some(key), (), async |mut tx, ()| DB::deposit(&mut tx).await).await;
    assert_eq!((refused(outside), branch.count().await), ("INTERNAL_ERROR", 0));
}

async fn an_expired_key_is_taken_anew<DB: Bank>(branch: Branch<DB>) {
    assert_eq!(fresh(deposit(&branch, "k").await), 1);
    let forgetful = branch.store.clone().with_ttl(Duration::ZERO);
    assert_eq!(fresh(ask(&forgetful, request("/depositos"), "k", "otro depósito").await), 2);
    assert_eq!(replayed(ask(&branch.store, request("/depositos"), "k", "otro depósito").await), 2);
}

async fn any_key_and_any_subject_is_kept_as_it_is<DB: Bank>(branch: Branch<DB>) {
    let (long, longer) = ("k".repeat(255), "a".repeat(20_000));
    let hostile = [("'; drop table idempotencia; --", "k"), ("a\0b", "k"), ("a\0c", "k"), (&*longer, "k"), ("ñ\u{202e}", "k")];
    let keys = ["'--;$1?1", "\"", "%_\\", "..", &long].map(|key| ("", key));
    let all = hostile.iter().chain(&keys);
    let mut number = 0;
    for (subject, key) in all.clone() {
        number += 1;
        let settled = ask(&branch.store.of_subject(*subject), request("/depositos"), key, "x").await;
        assert_eq!(fresh(settled), number, "{subject:?}");
    }
    for ((subject, key), number) in all.zip(1..) {
        assert_eq!(replayed(ask(&branch.store.of_subject(*subject), request("/depositos"), key, "x").await), number);
    }
}
