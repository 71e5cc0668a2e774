//! Callers that stay, and callers that leave.

use std::time::Duration;

use standards_core::idempotency::{InFlight, KeyScope};
use standards_core::log::LogOptions;
use standards_core::log::capture::{self, Capture};
use standards_core::{CorrelationId, Failure, RequestContext, context};

use super::*;
use crate::error::PagoError;

fn request() -> (CorrelationId, RequestContext) {
    let options = LogOptions::new("pagos", "0.0.0").with_own_crate("reference_pago_service");
    capture::install(&options.with_filters("info".parse().unwrap()));
    let id = CorrelationId::generate();
    (id.clone(), RequestContext::new(id, "/api/v1/pagos", "POST"))
}

/// A database that takes its time, and refuses cliente 9.
fn lenta() -> Arc<Falsa> {
    Falsa::new(|_, batch, _| {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let refused = Atencion::Decidida(Resolucion::Nueva(Decision::SaldoInsuficiente { saldo: Monto::ZERO }));
            let answer = |order: &PagoOrder| if order.nuevo.cliente_id.get() == 9 { refused.clone() } else { aceptado(order) };
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
        let engine = Engine::iniciar(lenta(), Capacity::default());
        let (id, request) = request();
        let espera = context::sync_scope(request, || engine.pagar(order(1), None, || ()));
        if leaves {
            drop(espera);
        } else {
            assert_eq!(estado(espera.await), 200);
        }
        engine.cerrar().await;
        assert_eq!(lines(&id), [("INFO".to_owned(), "Pago procesado exitosamente".to_owned())]);
    }
}

const UNREAD: &str = "Terminó sin quien esperara la respuesta: Saldo insuficiente. Actual: 0.00, Requerido: 1.00";

#[tokio::test]
async fn a_refusal_is_logged_here_only_when_nobody_reads_it() {
    let engine = Engine::iniciar(lenta(), Capacity::default());
    let (read, left, late) = (request(), request(), request());
    let espera = |request: &RequestContext| context::sync_scope(request.clone(), || engine.pagar(order(9), None, || ()));
    let (stays, _leaves, late_one) = (espera(&read.1), drop(espera(&left.1)), espera(&late.1));
    assert_eq!(estado(stays.await), 400);
    // The outcome is there by now, and is not looked at.
    drop(late_one);
    engine.cerrar().await;
    assert_eq!(lines(&read.0), []);
    assert_eq!(lines(&left.0), [("WARNING".to_owned(), UNREAD.to_owned())]);
    assert_eq!(lines(&late.0), [("WARNING".to_owned(), UNREAD.to_owned())]);
}

#[tokio::test]
async fn a_key_stays_taken_until_the_end_and_is_free_before_the_answer() {
    let (engine, in_flight) = (Engine::iniciar(lenta(), Capacity::default()), InFlight::default());
    let scope = KeyScope::new("", "POST /pagos", "k".parse().unwrap());
    let espera = engine.pagar(order(1), Some(in_flight.enter(&scope).unwrap()), || ());
    assert!(in_flight.enter(&scope).is_err());
    assert_eq!(estado(espera.await), 200);
    assert!(in_flight.enter(&scope).is_ok());
}

#[tokio::test]
async fn other_work_has_the_same_guarantees() {
    let engine = Engine::iniciar(lenta(), Capacity::default());
    let (id, request) = request();
    let work = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        tracing::info!("hecho");
        Outcome::<()>::Fresh(Err(PagoError::ClienteNoEncontrado { cliente_id: ClienteId::new(1).unwrap() }.into()))
    };
    drop(context::sync_scope(request, || engine.aparte(None, work)));
    engine.cerrar().await;
    let unread = "Terminó sin quien esperara la respuesta: Cliente con ID 1 no encontrado".to_owned();
    assert_eq!(lines(&id), [("INFO".to_owned(), "hecho".to_owned()), ("WARNING".to_owned(), unread)]);
    let engine = Engine::iniciar(lenta(), Capacity::default());
    let panics = engine.aparte(None, async { Outcome::<()>::Fresh(Err(Failure::internal(nothing(0)))) });
    assert_eq!(panics.await.into_result().unwrap_err().status().as_u16(), 500);
}

fn nothing(from: usize) -> String {
    [String::new()][from + 1].clone()
}

#[tokio::test]
async fn a_closed_engine_has_ended_what_it_took_in_and_takes_nothing_more() {
    let engine = Engine::iniciar(lenta(), Capacity::default());
    let esperas = pagar(&engine, 1..=5);
    engine.cerrar().await;
    assert_eq!(estados(esperas).await, [200; 5]);
    assert_eq!(estados(pagar(&engine, [6])).await, [503]);
}
