//! Callers that stay, and callers that leave.

use std::time::Duration;

use standards_core::idempotency::{InFlight, KeyScope};
use standards_core::log::capture::Capture;
use standards_core::{CorrelationId, RequestContext, context};

use super::*;

fn request() -> (CorrelationId, RequestContext) {
    install_log();
    let id = CorrelationId::generate();
    (id.clone(), RequestContext::new(id, "/api/v1/pagos", "POST"))
}

/// A database that takes its time, and refuses cliente 9.
fn slow() -> Arc<Fake> {
    Fake::new(|_, batch, _| {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let refused = |order: &PagoOrder| Keyed::Fresh(Err(order.pago.beyond(Monto::ZERO)));
            let answer = |order: &PagoOrder| if order.pago.cliente_id.get() == 9 { refused(order) } else { accepted(order) };
            Ok(batch.iter().map(|order| Ok(answer(order))).collect())
        })
    })
}

fn lines(id: &CorrelationId) -> Vec<(String, String)> {
    let text = |record: &serde_json::Value, key: &str| record[key].as_str().unwrap().to_owned();
    Capture::of(id).records().iter().map(|record| (text(record, "level"), text(record, "message"))).collect()
}

#[tokio::test]
async fn the_end_is_logged_whether_or_not_somebody_waits() {
    for leaves in [false, true] {
        let engine = Engine::start(slow(), Capacity::default());
        let (id, request) = request();
        let ticket = context::sync_scope(request, || engine.pay(order(1), None, || ()));
        if leaves {
            drop(ticket);
        } else {
            assert_eq!(status(ticket.await), 200);
        }
        engine.close().await;
        assert_eq!(lines(&id), [("INFO".to_owned(), "Pago procesado exitosamente".to_owned())]);
    }
}

const UNREAD: &str = "Terminó sin quien esperara la respuesta: Saldo insuficiente. Actual: 0.00, Requerido: 1.00";

#[tokio::test]
async fn a_refusal_is_logged_here_only_when_nobody_reads_it() {
    let engine = Engine::start(slow(), Capacity::default());
    let (read, left, late) = (request(), request(), request());
    let ticket = |request: &RequestContext| context::sync_scope(request.clone(), || engine.pay(order(9), None, || ()));
    let (stays, _leaves, late_one) = (ticket(&read.1), drop(ticket(&left.1)), ticket(&late.1));
    assert_eq!(status(stays.await), 400);
    // The outcome is there by now, and is not looked at.
    drop(late_one);
    engine.close().await;
    assert_eq!(lines(&read.0), []);
    assert_eq!(lines(&left.0), [("WARNING".to_owned(), UNREAD.to_owned())]);
    assert_eq!(lines(&late.0), [("WARNING".to_owned(), UNREAD.to_owned())]);
}

#[tokio::test]
async fn a_key_stays_taken_until_the_end_and_is_free_before_the_answer() {
    let (engine, in_flight) = (Engine::start(slow(), Capacity::default()), InFlight::default());
    let scope = KeyScope::new("", "POST /pagos", "k".parse().unwrap());
    let ticket = engine.pay(order(1), Some(in_flight.enter(&scope).unwrap()), || ());
    assert!(in_flight.enter(&scope).is_err());
    assert_eq!(status(ticket.await), 200);
    assert!(in_flight.enter(&scope).is_ok());
}

#[tokio::test]
async fn other_work_has_the_same_guarantees() {
    let engine = Engine::start(slow(), Capacity::default());
    let (id, request) = request();
    let work = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        tracing::info!("hecho");
        Ok(Keyed::Fresh(Err::<(), _>(order(1).pago.without_cliente())))
    };
    drop(context::sync_scope(request, || engine.run(None, work)));
    engine.close().await;
    let unread = "Terminó sin quien esperara la respuesta: Cliente con ID 1 no encontrado".to_owned();
    assert_eq!(lines(&id), [("INFO".to_owned(), "hecho".to_owned()), ("WARNING".to_owned(), unread)]);
    let engine = Engine::start(slow(), Capacity::default());
    let panics = engine.run(None, async { Ok(Keyed::Fresh(Err::<String, PagoError>(nothing(0)))) });
    assert_eq!(status(panics.await), 500);
}

fn nothing(from: usize) -> PagoError {
    [order(1).pago.without_cliente()][from + 1].clone()
}

#[tokio::test]
async fn a_closed_engine_has_ended_what_it_took_in_and_takes_nothing_more() {
    let engine = Engine::start(slow(), Capacity::default());
    let tickets = pay(&engine, 1..=5);
    engine.close().await;
    assert_eq!(statuses(tickets).await, [200; 5]);
    assert_eq!(statuses(pay(&engine, [6])).await, [503]);
}
