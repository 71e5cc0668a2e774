//! How orders become batches, and which of them wait.

use super::*;

#[tokio::test]
async fn pagos_that_arrive_while_a_batch_is_written_form_the_next() {
    let (open, fake) = with_gate(|call, _| call == 1, |batch, _| all(batch));
    let engine = Engine::start(fake.clone(), Capacity { batch: 4, ..Capacity::default() });
    let mut tickets = pay(&engine, [1]);
    until(|| fake.batches().len() == 1).await;
    tickets.extend(pay(&engine, 2..=7));
    open.send(true).unwrap();
    assert_eq!(statuses(tickets).await, [200; 7]);
    assert_eq!(fake.batches(), [vec![1], vec![2, 3, 4, 5], vec![6, 7]]);
}

#[tokio::test]
async fn the_beginning_is_told_when_the_database_has_the_order_or_at_once_where_it_must_wait() {
    let (open, fake) = with_gate(|_, _| true, |batch, _| all(batch));
    let engine = Engine::start(fake.clone(), Capacity::default());
    let told: Arc<Mutex<Vec<(i64, usize)>>> = Arc::default();
    let pay = |cliente| {
        let (told, fake) = (told.clone(), fake.clone());
        engine.pay(order(cliente), None, move || told.lock().unwrap().push((cliente, fake.batches().len())))
    };
    // The engine has begun to wait.
    tokio::task::yield_now().await;
    let first = pay(1);
    assert_eq!(*told.lock().unwrap(), []);
    until(|| !told.lock().unwrap().is_empty()).await;
    let second = pay(2);
    assert_eq!(*told.lock().unwrap(), [(1, 1), (2, 1)]);
    open.send(true).unwrap();
    assert_eq!(statuses(vec![first, second]).await, [200; 2]);
    engine.close().await;
    assert_eq!(statuses(vec![pay(3)]).await, [503]);
    assert_eq!(*told.lock().unwrap(), [(1, 1), (2, 1), (3, 2)]);
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let (open, fake) = with_gate(|_, _| true, |batch, _| all(batch));
    let engine = Engine::start(fake.clone(), Capacity { queue: 2, batch: 8 });
    let mut taken = pay(&engine, [1]);
    until(|| fake.batches().len() == 1).await;
    taken.extend(pay(&engine, [2, 3]));
    let refused = pay(&engine, [4]).remove(0).await.and_then(Keyed::into_result).unwrap_err();
    assert_eq!((refused.status().as_u16(), refused.error_type()), (503, "SERVICE_UNAVAILABLE"));
    open.send(true).unwrap();
    assert_eq!(statuses(taken).await, [200; 3]);
    assert_eq!(distinct(&fake.batches()), BTreeSet::from([1, 2, 3]));
}

/// Cliente 7's row is held by somebody else.
fn with_seven(batch: &Batch, wait: LockWait) -> Answers {
    let held = |order: &PagoOrder| wait == LockWait::Skip && order.pago.cliente_id.get() == 7;
    batch.iter().map(|order| if held(order) { Err(RepositoryError::row_held()) } else { Ok(accepted(order)) }).collect()
}

#[tokio::test]
async fn a_held_row_delays_only_its_own_orders() {
    let (open, fake) = with_gate(|_, wait| wait == LockWait::Wait, with_seven);
    let engine = Engine::start(fake.clone(), Capacity::default());
    let held = pay(&engine, [7, 7]);
    assert_eq!(statuses(pay(&engine, [1, 2])).await, [200, 200]);
    assert_eq!(statuses(pay(&engine, [3])).await, [200]);
    open.send(true).unwrap();
    assert_eq!(statuses(held).await, [200, 200]);
    assert!(fake.batches().contains(&vec![7, 7]), "the two of the held row wait together: {:?}", fake.batches());
}

#[tokio::test]
async fn the_orders_of_a_row_that_stays_held_fail_together() {
    let fake = Fake::new(|_, batch, wait| match wait {
        LockWait::Skip => ready(Ok(with_seven(&batch, wait))),
        LockWait::Wait => ready(Err(answered("55P03"))),
    });
    let engine = Engine::start(fake.clone(), Capacity::default());
    assert_eq!(statuses(pay(&engine, [7, 1, 7])).await, [503, 200, 503]);
    assert_eq!(fake.batches(), [vec![7, 1, 7], vec![7, 7]]);
}
