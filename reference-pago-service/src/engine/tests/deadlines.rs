//! Orders that nobody can wait for any more. The clock is paused: it moves when a test says so, and when everybody waits for it.

use std::time::Duration;

use standards_core::idempotency::{InFlight, InFlightGuard, KeyScope};
use standards_core::log::capture::Capture;
use standards_core::{CorrelationId, RequestContext, context};
use tokio::time::{Instant, advance, timeout_at};

use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// A request that must be answered within `left`.
fn request(left: Duration) -> RequestContext {
    install_log();
    let request = RequestContext::new(CorrelationId::generate(), "/api/v1/pagos", "POST");
    request.set_deadline((Instant::now() + left).into_std());
    request
}

fn pay_within(engine: &Engine, cliente: i64, left: Duration) -> Ticket<Accepted, PagoError> {
    context::sync_scope(request(left), || engine.pay(order(cliente), None, || ()))
}

/// An engine whose database has had cliente 1's order for `elapsed`, and takes any further one at once.
async fn stalled(elapsed: Duration) -> (watch::Sender<bool>, Arc<Fake>, Engine, Ticket<Accepted, PagoError>) {
    let (open, fake) = with_gate(|call, _| call == 1, |batch, _| all(batch));
    let engine = Engine::start(fake.clone(), Capacity::default());
    let first = pay_within(&engine, 1, SECOND);
    until(|| fake.batches().len() == 1).await;
    advance(elapsed).await;
    (open, fake, engine, first)
}

#[tokio::test(start_paused = true)]
async fn an_order_whose_turn_would_come_too_late_is_refused_when_it_arrives() {
    let (open, fake, engine, first) = stalled(5 * SECOND).await;
    let begun = Instant::now();
    let refused = pay_within(&engine, 2, 4 * SECOND).await.and_then(Keyed::into_result).unwrap_err();
    assert_eq!((refused.status().as_u16(), refused.entry().code), (503, "SERVICE_UNAVAILABLE"));
    let overload = ("overload", "its turn in the payment queue would come after the deadline".into());
    assert_eq!(
        (refused.retry_after(), refused.context()),
        (Some(SECOND), &[overload, ("expected_wait_ms", 5_000_u64.into())][..])
    );
    assert_eq!(Instant::now(), begun, "at once");
    let patient = [pay_within(&engine, 3, 6 * SECOND), engine.pay(order(4), None, || ())];
    open.send(true).unwrap();
    assert_eq!((status(first.await), statuses(patient.into()).await), (200, vec![200, 200]));
    assert_eq!(fake.batches(), [vec![1], vec![3, 4]]);
}

#[tokio::test(start_paused = true)]
async fn an_order_whose_deadline_has_passed_is_dropped_unsent_and_one_that_was_sent_is_not() {
    let (open, fake, engine, first) = stalled(Duration::ZERO).await;
    let late = pay_within(&engine, 2, 2 * SECOND);
    let patient = [pay_within(&engine, 3, 3 * SECOND), engine.pay(order(4), None, || ())];
    advance(2 * SECOND).await;
    open.send(true).unwrap();
    let dropped = late.await.and_then(Keyed::into_result).unwrap_err();
    assert_eq!((dropped.status().as_u16(), dropped.retry_after().is_some()), (503, true));
    assert_eq!(dropped.cause_chain(), "its deadline passed in the payment queue: nothing was done");
    assert_eq!((status(first.await), statuses(patient.into()).await), (200, vec![200, 200]));
    assert_eq!(fake.batches(), [vec![1], vec![3, 4]]);
}

#[tokio::test(start_paused = true)]
async fn a_batch_of_which_all_are_late_is_not_sent() {
    let (open, fake, engine, first) = stalled(Duration::ZERO).await;
    let late = [2, 3].map(|cliente| pay_within(&engine, cliente, SECOND));
    advance(SECOND).await;
    open.send(true).unwrap();
    assert_eq!((status(first.await), statuses(late.into()).await), (200, vec![503, 503]));
    assert_eq!(statuses(pay(&engine, [4])).await, [200]);
    assert_eq!(fake.batches(), [[1], [4]]);
}

#[tokio::test(start_paused = true)]
async fn an_order_that_waits_for_a_row_is_dropped_too() {
    let held = |batch: &Batch, wait: LockWait| match wait {
        LockWait::Skip => batch.iter().map(|_| Err(RepositoryError::row_held())).collect(),
        LockWait::Wait => all(batch),
    };
    let (open, fake) = with_gate(|_, wait| wait == LockWait::Wait, held);
    let engine = Engine::start(fake.clone(), Capacity::default());
    let first = pay_within(&engine, 1, SECOND);
    until(|| fake.batches().len() == 2).await;
    let second = pay_within(&engine, 2, SECOND);
    until(|| fake.batches().len() == 3).await;
    advance(SECOND).await;
    open.send(true).unwrap();
    assert_eq!(statuses(vec![first, second]).await, [200, 503]);
    assert_eq!(fake.batches(), [[1], [1], [2]]);
}

/// Takes a key, and pays with it for cliente 2.
fn pay_with_key(engine: &Engine, in_flight: &InFlight, left: Duration) -> (KeyScope, Ticket<Accepted, PagoError>) {
    let scope = KeyScope::new("", "POST /pagos", "k".parse().unwrap());
    let guard: InFlightGuard = in_flight.enter(&scope).unwrap();
    let ticket = context::sync_scope(request(left), || engine.pay(order(2), Some(guard), || ()));
    (scope, ticket)
}

#[tokio::test(start_paused = true)]
async fn the_key_of_an_order_that_was_not_sent_is_free() {
    for (elapsed, left) in [(Duration::ZERO, 2 * SECOND), (5 * SECOND, SECOND)] {
        let ((open, fake, engine, first), in_flight) = (stalled(elapsed).await, InFlight::default());
        let (scope, ticket) = pay_with_key(&engine, &in_flight, left);
        advance(3 * SECOND).await;
        open.send(true).unwrap();
        assert_eq!((status(ticket.await), status(first.await)), (503, 200));
        assert!(in_flight.enter(&scope).is_ok());
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert_eq!(status(pay_with_key(&engine, &in_flight, SECOND).1.await), 200, "a later request is done");
        assert_eq!(fake.batches(), [[1], [2]]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_dropped_is_one_record_and_what_was_refused_none_of_the_engines() {
    let (open, _, engine, first) = stalled(Duration::ZERO).await;
    let (late, refused) = (request(SECOND), request(2 * SECOND));
    drop(context::sync_scope(late.clone(), || engine.pay(order(2), None, || tracing::info!("empieza"))));
    advance(3 * SECOND).await;
    let ticket = context::sync_scope(refused.clone(), || engine.pay(order(2), None, || tracing::info!("empieza")));
    assert_eq!(status(ticket.await), 503);
    open.send(true).unwrap();
    assert_eq!(status(first.await), 200);
    engine.close().await;
    let dropped = "Terminó sin quien esperara la respuesta: Servicio no disponible, intente más tarde";
    assert_eq!(Capture::of(late.correlation_id()).messages(), ["empieza", dropped]);
    assert_eq!(Capture::of(late.correlation_id()).record(dropped)["level"], "WARNING");
    assert_eq!(Capture::of(refused.correlation_id()).messages(), [""; 0]);
}

/// A database whose first batch takes a minute and the others ten milliseconds.
fn once_slow() -> Arc<Fake> {
    Fake::new(|call, batch, _| {
        Box::pin(async move {
            tokio::time::sleep(if call == 1 { 60 * SECOND } else { Duration::from_millis(10) }).await;
            Ok(all(&batch))
        })
    })
}

/// Pays with so many at once again and again; when the first of the rounds began in which all were paid.
async fn recovery(engine: &Engine, orders: i64) -> Instant {
    loop {
        let begun = Instant::now();
        let tickets = (0..orders).map(|cliente| pay_within(engine, cliente + 1, SECOND)).collect();
        if statuses(tickets).await.iter().all(|status| *status == 200) {
            return begun;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn within_a_second_after_a_stall_all_are_paid_again() {
    for idle in [Duration::ZERO, 5 * SECOND] {
        let engine = Engine::start(once_slow(), Capacity { queue: 64, batch: 4 });
        assert_eq!(statuses(pay(&engine, [1])).await, [200]);
        tokio::time::sleep(idle).await;
        let ended = Instant::now();
        let recovered = recovery(&engine, 60).await;
        assert!(recovered - ended < SECOND, "{:?} after the stall", recovered - ended);
        assert!(idle.is_zero() || recovered == ended, "nothing is known of what was long ago");
    }
}

/// As the deadline layer does, which answers for the engine.
async fn answer(engine: Engine, cliente: i64, left: Duration) -> u16 {
    let deadline = Instant::now() + left;
    timeout_at(deadline, pay_within(&engine, cliente, left)).await.map_or(503, status)
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_beyond_the_deadline_and_what_is_not_paid_was_not_sent() {
    let engine_of = |fake: &Arc<Fake>| Engine::start(fake.clone(), Capacity { queue: 64, batch: 4 });
    let fake = once_slow();
    let engine = engine_of(&fake);
    let _first = engine.pay(order(1), None, || ());
    until(|| fake.batches().len() == 1).await;
    let begun = Instant::now();
    let answers: Vec<_> = (2..=50).map(|cliente| context::spawn(answer(engine.clone(), cliente, 2 * SECOND))).collect();
    for answer in answers {
        assert_eq!(answer.await.unwrap(), 503);
    }
    assert!(begun.elapsed() <= 2 * SECOND + Duration::from_millis(1), "{:?}", begun.elapsed());
    engine.close().await;
    assert_eq!(fake.batches(), [[1]]);
}
