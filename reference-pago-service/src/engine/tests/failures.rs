//! Batches that fail.

use super::*;

#[tokio::test]
async fn a_batch_that_met_another_transaction_is_tried_again() {
    for code in ["40001", "40P01", "23505"] {
        let falsa =
            Falsa::new(move |llamada, batch, _| lista(if llamada < 3 { Err(respondido(code)) } else { Ok(todos(&batch)) }));
        let engine = Engine::iniciar(falsa.clone(), Capacity::default());
        assert_eq!(estados(pagar(&engine, [1, 2])).await, [200, 200]);
        assert_eq!(falsa.lotes(), [[1, 2], [1, 2], [1, 2]]);
    }
}

#[tokio::test]
async fn no_pago_fails_because_of_another() {
    let falsa = Falsa::new(|_, batch, _| {
        let poisoned = batch.iter().any(|order| order.nuevo.cliente_id.get() == 13);
        lista(if poisoned { Err(respondido("23514")) } else { Ok(todos(&batch)) })
    });
    let engine = Engine::iniciar(falsa.clone(), Capacity::default());
    assert_eq!(estados(pagar(&engine, [1, 13, 2, 1])).await, [200, 500, 200, 200]);
    assert_eq!(falsa.lotes().len(), 4, "all, then each cliente: {:?}", falsa.lotes());
}

#[tokio::test]
async fn the_orders_of_one_cliente_are_decided_one_by_one_in_the_end() {
    let falsa = Falsa::new(|_, batch, _| lista(if batch.len() > 1 { Err(respondido("23514")) } else { Ok(todos(&batch)) }));
    let engine = Engine::iniciar(falsa.clone(), Capacity::default());
    assert_eq!(estados(pagar(&engine, [1, 1, 1])).await, [200; 3]);
}

#[tokio::test]
async fn an_unknown_outcome_is_503_and_never_tried_again() {
    let falsa = Falsa::new(|_, _, _| lista(Err(perdida())));
    let engine = Engine::iniciar(falsa.clone(), Capacity::default());
    assert_eq!(estados(pagar(&engine, [1, 2])).await, [503, 503]);
    assert_eq!(falsa.lotes(), [[1, 2]]);
}

#[tokio::test]
async fn what_waits_for_a_missing_database_is_refused_with_it() {
    let (abrir, abierta) = tokio::sync::watch::channel(false);
    let falsa = Falsa::new(move |_, _, _| {
        let mut abierta = abierta.clone();
        Box::pin(async move {
            abierta.wait_for(|abierta| *abierta).await.unwrap();
            Err(perdida())
        })
    });
    let engine = Engine::iniciar(falsa.clone(), Capacity::default());
    let mut esperas = pagar(&engine, [1]);
    while falsa.lotes().is_empty() {
        tokio::task::yield_now().await;
    }
    esperas.extend(pagar(&engine, 2..=9));
    abrir.send(true).unwrap();
    assert_eq!(estados(esperas).await, [503; 9]);
    assert_eq!(falsa.lotes(), [[1]]);
}

#[tokio::test(start_paused = true)]
async fn a_missing_database_is_asked_five_times_a_second_at_most() {
    let falsa = Falsa::new(|_, _, _| lista(Err(perdida())));
    let engine = Engine::iniciar(falsa.clone(), Capacity::default());
    let begun = tokio::time::Instant::now();
    while begun.elapsed().as_millis() < 2_000 {
        assert_eq!(estados(pagar(&engine, [1])).await, [503]);
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    assert!(falsa.lotes().len() <= 12, "{} attempts in two seconds", falsa.lotes().len());
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_its_own() {
    let falsa = Falsa::new(|_, batch, _| {
        let mut respuestas = todos(&batch);
        respuestas[1] = Err(RepositoryError::internal("column saldo holds what its check forbids"));
        respuestas.truncate(3);
        lista(Ok(respuestas))
    });
    let engine = Engine::iniciar(falsa, Capacity::default());
    assert_eq!(estados(pagar(&engine, 1..=4)).await, [200, 500, 200, 500]);
}

#[tokio::test]
async fn a_panic_is_500_and_the_engine_goes_on() {
    let falsa = Falsa::new(|llamada, batch, _| {
        Box::pin(async move {
            assert!(llamada > 1, "half-way");
            Ok(todos(&batch))
        })
    });
    let engine = Engine::iniciar(falsa, Capacity::default());
    assert_eq!(estados(pagar(&engine, [1, 2])).await, [500, 500]);
    assert_eq!(estados(pagar(&engine, [1, 2])).await, [200, 200]);
}
