//! Keys of others: whoever guesses one learns nothing of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reference_pago_service::models::{ClienteId, Pago};
use reference_pago_service::repositories::{Batch, LockWait, PagoOrder};
use standards_core::idempotency::{KeyScope, Keyed, KeyedRequest};

use super::tamano;
use crate::support::{Fixture, new_pago, on_both_engines};

on_both_engines!(a_key_of_another_subject_is_like_one_that_nobody_used);

/// A new pago of 0.01 under a key of this subject.
async fn pay(fixture: &Fixture, id: ClienteId, subject: &str, key: &str) -> Pago {
    let pago = new_pago(id, "0.01");
    let scope = KeyScope::new(subject, "POST /pagos", key.parse().unwrap());
    let keyed = Arc::new(KeyedRequest::new(scope, format!("{pago:?}")));
    let batch = Batch::from([PagoOrder { pago, key: Some(keyed) }]);
    let mut answers = fixture.repositories.pagos.decide(batch, LockWait::Skip).await.unwrap();
    match answers.pop() {
        Some(Ok(Keyed::Fresh(Ok(accepted)))) => accepted.pago,
        other => panic!("{subject} {key}: {other:?}"),
    }
}

async fn timed(fixture: &Fixture, id: ClienteId, key: &str) -> Duration {
    let begun = Instant::now();
    pay(fixture, id, "otro", key).await;
    begun.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// A key counts within its subject: the other's row is never read, so that a right guess is a new pago as a wrong one is. How long
/// each takes is told, and compared where somebody asks for enough of them on a machine that does nothing else.
async fn a_key_of_another_subject_is_like_one_that_nobody_used(fixture: Fixture) {
    let id = fixture.created("ana@x.cl", "1000000.00").await.id;
    let guesses = tamano("PAGOS_TEST_GUESSES", 50);
    for number in 0..guesses {
        pay(&fixture, id, "ana", &format!("k{number}")).await;
    }
    let (mut right, mut wrong) = (Vec::new(), Vec::new());
    for number in 0..guesses {
        right.push(timed(&fixture, id, &format!("k{number}")).await);
        wrong.push(timed(&fixture, id, &format!("x{number}")).await);
    }
    let (right, wrong) = (median(right), median(wrong));
    eprintln!("{}: a right guess takes {right:?}, a wrong one {wrong:?}", fixture.database.engine());
    if guesses >= 10_000 {
        assert!(right.abs_diff(wrong) < Duration::from_millis(1));
    }
    assert_eq!(fixture.count("select count(*) from pagos").await, i64::try_from(3 * guesses).unwrap());
    fixture.assert_money_rule().await;
}
