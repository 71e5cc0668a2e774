//! Keys grow old by the database's clock, and by no other.

use std::sync::Arc;
use std::time::Duration;

use reference_pago_service::engine::reap_forever;
use reference_pago_service::metrics::BusinessMetrics;
use standards_axum::metrics::Metrics;
use standards_core::context;

use crate::http::service::until;
use crate::support::http::{Api, PAGOS, execute};
use crate::support::{Fixture, on_both_engines, on_postgres};

on_both_engines!(a_key_that_a_wrong_clock_dated_is_kept_long_enough_and_not_for_ever, keys_that_are_forgotten_are_counted,);

const TTL: Duration = Duration::from_secs(24 * 3600);
const PAGO: &str = r#"{"cliente_id":1,"monto":"1"}"#;

/// The service, with Ana and a pago under the key `k`.
async fn with_a_key(fixture: &Fixture) -> Api {
    let api = Api::over(fixture).await;
    assert_eq!(api.register("ana@x.cl", "1000.00").await, 1);
    assert!(!api.post_once(PAGOS, "k", PAGO).await.is_replay());
    api
}

async fn purge(fixture: &Fixture) {
    fixture.repositories.outcomes.reap(TTL, 1000).await.unwrap();
}

async fn assert_kept(fixture: &Fixture, api: &Api) {
    purge(fixture).await;
    assert!(api.post_once(PAGOS, "k", PAGO).await.is_replay());
}

async fn assert_forgotten(fixture: &Fixture, api: &Api) {
    purge(fixture).await;
    let again = api.post_once(PAGOS, "k", PAGO).await;
    assert!(again.status() == 200 && !again.is_replay(), "{again:?}");
}

/// Moves the instant at which the keys were kept, by hours.
macro_rules! move_keys {
    ($fixture:expr, $hours:literal) => {
        match $fixture.database.engine() {
            "sqlite" => {
                execute($fixture, concat!("update idempotencia set created_at = created_at + 3600000000 * ", $hours)).await
            }
            _ => {
                execute($fixture, concat!("update idempotencia set created_at = created_at + interval '1 hour' * ", $hours)).await
            }
        }
    };
}

async fn a_key_that_a_wrong_clock_dated_is_kept_long_enough_and_not_for_ever(fixture: Fixture) {
    let api = with_a_key(&fixture).await;
    // The clock was a day behind, or ahead, and was set right.
    move_keys!(&fixture, -23);
    assert_kept(&fixture, &api).await;
    move_keys!(&fixture, 46);
    assert_kept(&fixture, &api).await;
    // It was a hundred years ahead: the key counts from now on.
    move_keys!(&fixture, 876600);
    assert_kept(&fixture, &api).await;
    move_keys!(&fixture, -23);
    assert_kept(&fixture, &api).await;
    move_keys!(&fixture, -1);
    assert_forgotten(&fixture, &api).await;
    fixture.assert_money_rule().await;
}

async fn keys_that_are_forgotten_are_counted(fixture: Fixture) {
    let (api, metrics) = (with_a_key(&fixture).await, Metrics::new());
    api.post_once(PAGOS, "l", PAGO).await.assert_status(200);
    let outcomes = BusinessMetrics::registered(&metrics).around(fixture.repositories.clone()).outcomes;
    let counted = |keys: &str| {
        let page = String::from_utf8(metrics.render().to_vec()).unwrap();
        page.contains(&format!("idempotency_keys_reaped_total {keys}\n"))
    };
    assert!(counted("0"));
    // What the service does every minute.
    context::spawn_worker(reap_forever(Arc::downgrade(&outcomes), Duration::from_secs(1)));
    until(async || counted("2")).await;
    assert!(!api.post_once(PAGOS, "k", PAGO).await.is_replay());
    until(async || counted("3")).await;
}

/// A server whose clock can be set: `now()` is not the system's, and the sessions of this test find it first.
const CLOCK: &str = "
    create schema clock;
    create table clock.jump (time_passed interval not null);
    insert into clock.jump values ('0');
    create function clock.now() returns timestamptz stable language sql
        as 'select pg_catalog.now() + time_passed from clock.jump';
    do $$ begin
        execute format('alter database %I set search_path = public, clock, pg_catalog', current_database());
    end $$";

/// By the server's clock, the only key was kept within the last hour.
const DATED_BY_THE_SERVER: &str =
    "select count(*) from idempotencia where created_at between clock.now() - interval '1 hour' and clock.now()";

async fn keys_live_a_day_of_the_servers_clock(fixture: &Fixture) {
    let api = with_a_key(fixture).await;
    assert_eq!(fixture.count(DATED_BY_THE_SERVER).await, 1);
    assert_kept(fixture, &api).await;
    execute(fixture, "update clock.jump set time_passed = time_passed + interval '23:59'").await;
    assert_kept(fixture, &api).await;
    execute(fixture, "update clock.jump set time_passed = time_passed + interval '00:02'").await;
    assert_forgotten(fixture, &api).await;
    fixture.assert_money_rule().await;
}

async fn on_a_server_whose_clock_is(jump: &'static str) {
    on_postgres(async |fixture| {
        execute(&fixture, CLOCK).await;
        let fixture = fixture.another_instance().await.migrated().await;
        execute(&fixture, jump).await;
        keys_live_a_day_of_the_servers_clock(&fixture).await;
        fixture.database.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_server_a_day_ahead_of_the_service_no_key_is_lost_early() {
    on_a_server_whose_clock_is("update clock.jump set time_passed = '1 day'").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_server_a_day_behind_the_service_no_key_is_immortal() {
    on_a_server_whose_clock_is("update clock.jump set time_passed = '-1 day'").await;
}
