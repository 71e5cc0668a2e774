//! How orders become batches, and which of them wait.

use tokio::sync::watch;

use super::*;

/// A script whose calls wait, if `espera` says so, until they are let go.
fn con_puerta(
    espera: fn(usize, LockWait) -> bool,
    respuestas: fn(&Batch, LockWait) -> Vec<Respuesta>,
) -> (watch::Sender<bool>, Arc<Falsa>) {
    let (abrir, abierta) = watch::channel(false);
    let falsa = Falsa::new(move |llamada, batch, paciencia| {
        let mut abierta = abierta.clone();
        Box::pin(async move {
            if espera(llamada, paciencia) {
                abierta.wait_for(|abierta| *abierta).await.unwrap();
            }
            Ok(respuestas(&batch, paciencia))
        })
    });
    (abrir, falsa)
}

async fn hasta(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn pagos_that_arrive_while_a_batch_is_written_form_the_next() {
    let (abrir, falsa) = con_puerta(|llamada, _| llamada == 1, |batch, _| todos(batch));
    let engine = Engine::iniciar(falsa.clone(), Capacity { batch: 4, ..Capacity::default() });
    let mut esperas = pagar(&engine, [1]);
    hasta(|| falsa.lotes().len() == 1).await;
    esperas.extend(pagar(&engine, 2..=7));
    abrir.send(true).unwrap();
    assert_eq!(estados(esperas).await, [200; 7]);
    assert_eq!(falsa.lotes(), [vec![1], vec![2, 3, 4, 5], vec![6, 7]]);
}

#[tokio::test]
async fn the_beginning_is_told_when_the_database_has_the_order_or_at_once_where_it_must_wait() {
    let (abrir, falsa) = con_puerta(|_, _| true, |batch, _| todos(batch));
    let engine = Engine::iniciar(falsa.clone(), Capacity::default());
    let told: Arc<Mutex<Vec<(i64, usize)>>> = Arc::default();
    let pagar = |cliente| {
        let (told, falsa) = (told.clone(), falsa.clone());
        engine.pagar(order(cliente), None, move || told.lock().unwrap().push((cliente, falsa.lotes().len())))
    };
    // The engine has begun to wait.
    tokio::task::yield_now().await;
    let first = pagar(1);
    assert_eq!(*told.lock().unwrap(), []);
    hasta(|| !told.lock().unwrap().is_empty()).await;
    let second = pagar(2);
    assert_eq!(*told.lock().unwrap(), [(1, 1), (2, 1)]);
    abrir.send(true).unwrap();
    assert_eq!(estados(vec![first, second]).await, [200; 2]);
    engine.cerrar().await;
    assert_eq!(estados(vec![pagar(3)]).await, [503]);
    assert_eq!(*told.lock().unwrap(), [(1, 1), (2, 1), (3, 2)]);
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let (abrir, falsa) = con_puerta(|_, _| true, |batch, _| todos(batch));
    let engine = Engine::iniciar(falsa.clone(), Capacity { queue: 2, batch: 8 });
    let mut taken = pagar(&engine, [1]);
    hasta(|| falsa.lotes().len() == 1).await;
    taken.extend(pagar(&engine, [2, 3]));
    assert_eq!(estados(pagar(&engine, [4])).await, [503]);
    abrir.send(true).unwrap();
    assert_eq!(estados(taken).await, [200; 3]);
    assert_eq!(sin_repetir(&falsa.lotes()), BTreeSet::from([1, 2, 3]));
}

/// Cliente 7's row is held by somebody else.
fn con_siete(batch: &Batch, paciencia: LockWait) -> Vec<Respuesta> {
    let held = |order: &PagoOrder| paciencia == LockWait::Skip && order.nuevo.cliente_id.get() == 7;
    batch.iter().map(|order| Ok(if held(order) { Atencion::Pospuesta } else { aceptado(order) })).collect()
}

#[tokio::test]
async fn a_held_row_delays_only_its_own_orders() {
    let (abrir, falsa) = con_puerta(|_, paciencia| paciencia == LockWait::Espera, con_siete);
    let engine = Engine::iniciar(falsa.clone(), Capacity::default());
    let held = pagar(&engine, [7, 7]);
    assert_eq!(estados(pagar(&engine, [1, 2])).await, [200, 200]);
    assert_eq!(estados(pagar(&engine, [3])).await, [200]);
    abrir.send(true).unwrap();
    assert_eq!(estados(held).await, [200, 200]);
    assert!(falsa.lotes().contains(&vec![7, 7]), "the two of the held row wait together: {:?}", falsa.lotes());
}

#[tokio::test]
async fn the_orders_of_a_row_that_stays_held_fail_together() {
    let falsa = Falsa::new(|_, batch, paciencia| match paciencia {
        LockWait::Skip => lista(Ok(con_siete(&batch, paciencia))),
        LockWait::Espera => lista(Err(respondido("55P03"))),
    });
    let engine = Engine::iniciar(falsa.clone(), Capacity::default());
    assert_eq!(estados(pagar(&engine, [7, 1, 7])).await, [503, 200, 503]);
    assert_eq!(falsa.lotes(), [vec![7, 1, 7], vec![7, 7]]);
}
