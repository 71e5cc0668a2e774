//! Batches that fail.

use super::*;

#[tokio::test]
async fn a_batch_that_met_another_transaction_is_tried_again() {
    for code in ["40001", "40P01", "23505"] {
        let fake = Fake::new(move |call, batch, _| ready(if call < 3 { Err(answered(code)) } else { Ok(all(&batch)) }));
        let engine = Engine::start(fake.clone(), Capacity::default());
        assert_eq!(statuses(pay(&engine, [1, 2])).await, [200, 200]);
        assert_eq!(fake.batches(), [[1, 2], [1, 2], [1, 2]]);
    }
}

#[tokio::test]
async fn no_pago_fails_because_of_another() {
    let fake = Fake::new(|_, batch, _| {
        let poisoned = batch.iter().any(|order| order.pago.cliente_id.get() == 13);
        ready(if poisoned { Err(answered("23514")) } else { Ok(all(&batch)) })
    });
    let engine = Engine::start(fake.clone(), Capacity::default());
    assert_eq!(statuses(pay(&engine, [1, 13, 2, 1])).await, [200, 500, 200, 200]);
    assert_eq!(fake.batches().len(), 4, "all, then each cliente: {:?}", fake.batches());
}

#[tokio::test]
async fn the_orders_of_one_cliente_are_decided_one_by_one_in_the_end() {
    let fake = Fake::new(|_, batch, _| ready(if batch.len() > 1 { Err(answered("23514")) } else { Ok(all(&batch)) }));
    let engine = Engine::start(fake.clone(), Capacity::default());
    assert_eq!(statuses(pay(&engine, [1, 1, 1])).await, [200; 3]);
}

#[tokio::test]
async fn an_unknown_outcome_is_503_and_never_tried_again() {
    let fake = Fake::new(|_, _, _| ready(Err(lost())));
    let engine = Engine::start(fake.clone(), Capacity::default());
    assert_eq!(statuses(pay(&engine, [1, 2])).await, [503, 503]);
    assert_eq!(fake.batches(), [[1, 2]]);
}

#[tokio::test]
async fn what_waits_for_a_missing_database_is_refused_with_it() {
    let (open, opened) = watch::channel(false);
    let fake = Fake::new(move |_, _, _| {
        let mut opened = opened.clone();
        Box::pin(async move {
            opened.wait_for(|opened| *opened).await.unwrap();
            Err(lost())
        })
    });
    let engine = Engine::start(fake.clone(), Capacity::default());
    let mut tickets = pay(&engine, [1]);
    while fake.batches().is_empty() {
        tokio::task::yield_now().await;
    }
    tickets.extend(pay(&engine, 2..=9));
    open.send(true).unwrap();
    assert_eq!(statuses(tickets).await, [503; 9]);
    assert_eq!(fake.batches(), [[1]]);
}

#[tokio::test(start_paused = true)]
async fn a_missing_database_is_asked_five_times_a_second_at_most() {
    let fake = Fake::new(|_, _, _| ready(Err(lost())));
    let engine = Engine::start(fake.clone(), Capacity::default());
    let begun = tokio::time::Instant::now();
    while begun.elapsed().as_millis() < 2_000 {
        assert_eq!(statuses(pay(&engine, [1])).await, [503]);
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    assert!(fake.batches().len() <= 12, "{} attempts in two seconds", fake.batches().len());
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_its_own() {
    let fake = Fake::new(|_, batch, _| {
        let mut answers = all(&batch);
        answers[1] = Err(RepositoryError::internal("column saldo holds what its check forbids"));
        answers.truncate(3);
        ready(Ok(answers))
    });
    let engine = Engine::start(fake, Capacity::default());
    assert_eq!(statuses(pay(&engine, 1..=4)).await, [200, 500, 200, 500]);
}

#[tokio::test]
async fn a_panic_is_500_with_its_place_and_the_engine_goes_on() {
    install_log();
    let fake = Fake::new(|call, batch, _| {
        Box::pin(async move {
            assert!(call > 1, "half-way");
            Ok(all(&batch))
        })
    });
    let engine = Engine::start(fake, Capacity::default());
    for ticket in pay(&engine, [1, 2]) {
        let failure = ticket.await.and_then(Keyed::into_result).unwrap_err();
        assert_eq!((failure.status().as_u16(), failure.error_type()), (500, "panic"));
        assert!(failure.traceback().starts_with(file!()), "{}", failure.traceback());
    }
    assert_eq!(statuses(pay(&engine, [1, 2])).await, [200, 200]);
}
