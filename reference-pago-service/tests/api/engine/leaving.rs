//! Callers that leave: their pago is made whole or not at all, its end is logged, and the next request finds everything in order.

use std::time::Duration;

use standards_core::CorrelationId;
use standards_core::log::capture::Capture;
use tokio::task::JoinSet;

use crate::support::http::{Api, PAGOS};
use crate::support::{Fixture, Random, on_both_engines};

on_both_engines!(a_pago_whose_caller_leaves_is_whole_and_told, a_key_whose_caller_left_settles_it);

/// Sends a pago of 0.01 and leaves after a while; whether the end was seen.
async fn ask_and_leave(api: &Api, id: &CorrelationId, key: Option<&str>, patience: Duration) -> bool {
    let request = api.pay(1, "0.01").correlation_id(id.as_str());
    let request = if let Some(key) = key { request.idempotency_key(key) } else { request };
    tokio::time::timeout(patience, request).await.is_ok()
}

/// Everybody leaves within four milliseconds; the ids under which they asked.
async fn everybody_leaves(api: &Api, keyed: bool) -> Vec<CorrelationId> {
    let mut callers = JoinSet::new();
    for number in 0..200 {
        let (api, id, mut random) = (api.clone(), CorrelationId::generate(), Random::new());
        callers.spawn(async move {
            let key = keyed.then(|| format!("k{number}"));
            ask_and_leave(&api, &id, key.as_deref(), Duration::from_micros(random.below(4_000))).await;
            id
        });
    }
    callers.join_all().await
}

/// How many of these requests were paid, as their logs tell.
fn told(ids: &[CorrelationId]) -> usize {
    let ends = |id: &CorrelationId| {
        let messages = Capture::of(id).messages();
        messages.iter().filter(|message| *message == "Pago procesado exitosamente").count()
    };
    ids.iter().map(ends).inspect(|ends| assert!(*ends <= 1)).sum()
}

async fn a_pago_whose_caller_leaves_is_whole_and_told(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    assert_eq!(api.register("ana@x.cl", "1000.00").await, 1);
    let ids = everybody_leaves(&api, false).await;
    // It stands behind them in the queue, and finds a clean connection.
    assert_eq!(api.pay(1, "1.00").await.status(), 200);
    let pagos = fixture.count("select count(*) from pagos where monto < 1").await;
    assert_eq!(usize::try_from(if pagos == 0 { cheap_on_sqlite(&fixture).await } else { pagos }).unwrap(), told(&ids));
    assert!(told(&ids) > 0, "some must have been taken in");
    fixture.assert_money_rule().await;
}

/// SQLite counts hundredths.
async fn cheap_on_sqlite(fixture: &Fixture) -> i64 {
    fixture.count("select count(*) from pagos where monto = 1").await
}

async fn a_key_whose_caller_left_settles_it(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    assert_eq!(api.register("ana@x.cl", "1000.00").await, 1);
    everybody_leaves(&api, true).await;
    for number in 0..200 {
        let answer = loop {
            let answer = api.post_once(PAGOS, &format!("k{number}"), r#"{"cliente_id":1,"monto":"0.01"}"#).await;
            if answer.status() != 409 {
                break answer;
            }
        };
        assert_eq!(answer.status(), 200, "{}", answer.text());
    }
    assert_eq!(fixture.count("select count(*) from pagos").await, 200);
    assert_eq!(api.saldo(1).await, "998.00");
    fixture.assert_money_rule().await;
}
