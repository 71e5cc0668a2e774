//! Requests that a database which does nothing keeps waiting beyond their deadlines.

use reference_pago_service::database::Database;
use standards_axum::testing::TestAnswer;
use standards_core::log::capture::Capture;
use standards_core::{CorrelationId, context};
use tokio::task::JoinSet;

use super::keys::Foreign;
use crate::support::http::{AnswerExt as _, Api, PAGOS};
use crate::support::{Fixture, on_both_engines};

on_both_engines!(what_waited_beyond_its_deadline_was_not_done_and_its_key_is_free);

/// Shorter than the service waits for anybody's lock.
const IMPATIENT: &[(&str, &str)] = &[("REQUEST_TIMEOUT_MS", "500")];
const PAGO: &str = r#"{"cliente_id":1,"monto":"1.00"}"#;
const KEYS: [&str; 5] = ["a", "b", "c", "d", "e"];

/// PostgreSQL passes over a row that somebody holds, and waits for it in a second statement.
const WAITING: &str = "select count(*) from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'";

/// Asks for a pago, and returns once the database has it, which will not answer. What is asked for later is not sent with it.
async fn occupy(api: &Api, fixture: &Fixture) {
    let (api, id) = (api.clone(), CorrelationId::generate());
    let told = Capture::of(&id);
    context::spawn(api.post(PAGOS, PAGO).correlation_id(id.as_str()).into_future());
    while !told.messages().iter().any(|message| message == "Iniciando procesamiento de pago") {
        tokio::task::yield_now().await;
    }
    let is_postgres = matches!(fixture.database, Database::Postgres(_));
    while is_postgres && fixture.count(WAITING).await == 0 {}
}

async fn pay_with_each_key(api: &Api) -> Vec<TestAnswer> {
    let asked: JoinSet<_> = KEYS.map(|key| (api.clone(), key)).into_iter().map(ask_once).collect();
    asked.join_all().await
}

async fn ask_once((api, key): (Api, &'static str)) -> TestAnswer {
    loop {
        let answer = api.post_once(PAGOS, key, PAGO).await;
        if answer.status() != 409 {
            return answer;
        }
    }
}

/// Asks again where a busy machine was late, and tells whether it was: then it may have been done all the same.
async fn ask_until_done(api: &Api, key: &'static str) -> (TestAnswer, bool) {
    let mut was_late = false;
    loop {
        let answer = ask_once((api.clone(), key)).await;
        if answer.status() != 503 {
            return (answer, was_late);
        }
        was_late = true;
    }
}

async fn what_waited_beyond_its_deadline_was_not_done_and_its_key_is_free(fixture: Fixture) {
    let patient = Api::over(&fixture).await;
    assert_eq!(patient.register("ana@x.cl", "100.00").await, 1);
    let (api, foreign) = (Api::with(&fixture, IMPATIENT).await, Foreign::begin(&fixture).await);
    occupy(&api, &fixture).await;
    for answer in pay_with_each_key(&api).await {
        answer.assert_refused(503, "SERVICE_UNAVAILABLE", "Servicio no disponible");
        assert!(answer.headers().contains_key("retry-after"));
    }
    foreign.end().await;
    // The same instance still knows the keys, until it has dropped the orders.
    for key in KEYS {
        let (answer, was_late) = ask_until_done(&api, key).await;
        assert_eq!((answer.status(), answer.is_replay() && !was_late), (200, false), "{}", answer.text());
    }
    let pagos = fixture.count("select count(*) from pagos").await;
    assert!((5..=6).contains(&pagos), "{pagos}: one with each key, and the first, which had been sent");
    fixture.assert_money_rule().await;
}
