//! Many clients at once: money is neither lost nor made, and no id crosses to another request.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use standards_core::CorrelationId;
use tokio::task::JoinSet;

use super::service::ServiceProcess;
use super::socket::post;
use crate::support::http::{AnswerExt as _, Api, PAGOS};
use crate::support::{Fixture, on_both_engines};

on_both_engines!(a_hundred_of_a_thousand_pagos_at_once_are_paid, the_ids_of_a_thousand_requests_at_once_do_not_cross,);

const CONNECTIONS: usize = 64;
const REQUESTS: usize = 1_000;

/// Takes the next request until there is none left; what was answered, counted by status and code.
async fn pay(service: Arc<ServiceProcess>, cliente_id: i64, next: Arc<AtomicUsize>) -> BTreeMap<String, usize> {
    let mut socket = service.connect().await;
    let mut answers = BTreeMap::new();
    let body = format!(r#"{{"cliente_id":{cliente_id},"monto":"1.00"}}"#);
    while next.fetch_add(1, Ordering::Relaxed) < REQUESTS {
        let answer = socket.ask(post(PAGOS, &body)).await;
        let code = answer.json()["errors"][0]["code"].as_str().unwrap_or_default().to_owned();
        *answers.entry(format!("{} {code}", answer.status)).or_default() += 1;
    }
    answers
}

async fn a_hundred_of_a_thousand_pagos_at_once_are_paid(fixture: Fixture) {
    let id = fixture.created("ana@x.cl", "100.00").await.id.get();
    let (service, next) = (Arc::new(ServiceProcess::over(&fixture).await), Arc::new(AtomicUsize::new(0)));
    let mut clients = JoinSet::new();
    for _ in 0..CONNECTIONS {
        clients.spawn(pay(service.clone(), id, next.clone()));
    }
    let mut answers = BTreeMap::new();
    for (answer, times) in clients.join_all().await.into_iter().flatten() {
        *answers.entry(answer).or_insert(0) += times;
    }
    assert_eq!(answers, BTreeMap::from([("200 ".to_owned(), 100), ("400 SALDO_INSUFICIENTE".to_owned(), 900)]));
    assert_eq!(fixture.count("select count(*) from clientes where saldo = 0").await, 1);
    assert_eq!(fixture.count("select count(*) from pagos").await, 100);
    fixture.assert_money_rule().await;
}

/// One request of its kind: an accepted pago, a refused one, an invalid one, an unknown route.
async fn exchange(api: Api, number: usize) {
    let id = CorrelationId::parse(&format!("prueba-{}-{number}", CorrelationId::generate())).unwrap();
    let (path, monto, lines) = match number % 4 {
        0 => (PAGOS, "0.01", 3),
        1 => (PAGOS, "9999", 2),
        2 => (PAGOS, "-1", 1),
        _ => ("/nope", "1", 1),
    };
    let body = format!(r#"{{"cliente_id":1,"monto":"{monto}"}}"#);
    // The answer's header is compared where the request is sent.
    let exchange = api.post(path, body).correlation_id(id.as_str()).await;
    let records = exchange.own_records();
    assert_eq!(records.len(), lines, "{records:#?}");
    assert!(records.iter().all(|record| record["correlation_id"] == id.as_str() && record["endpoint"] == path));
    assert_eq!(records[lines - 1]["context"]["status"], exchange.status());
    if number.is_multiple_of(4) {
        assert_eq!(records[1]["context"]["pago_id"], exchange.data()["id"]);
    }
}

async fn the_ids_of_a_thousand_requests_at_once_do_not_cross(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    assert_eq!(api.register("ana@x.cl", "10.00").await, 1);
    let mut requests = JoinSet::new();
    for number in 0..REQUESTS {
        requests.spawn(exchange(api.clone(), number));
    }
    requests.join_all().await;
    assert_eq!(api.saldo(1).await, "7.50");
}
