//! One key, many requests at once.

use standards_axum::testing::TestAnswer;
use tokio::task::JoinSet;

use super::size_of;
use crate::support::http::{AnswerExt as _, Api, PAGOS};
use crate::support::{Fixture, on_both_engines};

on_both_engines!(of_64_requests_with_one_key_one_pays, two_instances_are_as_one);

const REQUESTS: usize = 64;

async fn all_at_once(apis: &[Api], key: &str, body: &str) -> Vec<TestAnswer> {
    let mut requests = JoinSet::new();
    for number in 0..REQUESTS {
        let (api, key, body) = (apis[number % apis.len()].clone(), key.to_owned(), body.to_owned());
        requests.spawn(async move { api.post_once(PAGOS, &key, body).await });
    }
    requests.join_all().await
}

/// All that were answered 200 have the same bytes, and one of them is the first; the others found it being worked on.
#[track_caller]
fn assert_one_pays(answers: &[TestAnswer]) {
    let paid: Vec<_> = answers.iter().filter(|answer| answer.status() == 200).collect();
    assert!(paid.iter().all(|answer| answer.text() == paid[0].text()));
    assert_eq!(paid.iter().filter(|answer| !answer.is_replay()).count(), 1);
    for busy in answers.iter().filter(|answer| answer.status() != 200) {
        busy.assert_refused(409, "IDEMPOTENCY_EN_PROCESO", "Una solicitud con la misma Idempotency-Key está en proceso");
        assert_eq!(busy.headers()["retry-after"], "1");
    }
}

async fn for_many_keys(fixture: &Fixture, apis: &[Api]) {
    let keys = size_of("PAGOS_TEST_KEYS", 12);
    let id = apis[0].register("ana@x.cl", "99999999.99").await;
    for number in 0..keys {
        let (key, body) = (format!("clave-{number}"), format!(r#"{{"cliente_id":{id},"monto":"0.01"}}"#));
        assert_one_pays(&all_at_once(apis, &key, &body).await);
        let again = apis[0].post_once(PAGOS, &key, body).await;
        assert!(again.status() == 200 && again.is_replay());
    }
    assert_eq!(fixture.count("select count(*) from pagos").await, i64::try_from(keys).unwrap());
    assert_eq!(fixture.count("select count(*) from idempotencia").await, i64::try_from(keys).unwrap());
    fixture.assert_money_rule().await;
}

async fn of_64_requests_with_one_key_one_pays(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    for_many_keys(&fixture, &[api]).await;
}

/// Their queues, keys in flight and connections are their own; the database is the one truth.
async fn two_instances_are_as_one(fixture: Fixture) {
    let other = fixture.another_instance().await;
    for_many_keys(&fixture, &[Api::over(&fixture).await, Api::over(&other).await]).await;
    other.database.close().await;
}
