//! PostgreSQL itself fails.

use std::time::Instant;

use sqlx::{Connection as _, PgConnection};
use tokio::task::JoinSet;

use crate::support::{
    Attempt, Base, Load, PATIENCE, Proxy, REFUSED, Server, StopMode, Trial, alone, assert_as_in_runbook, pause, shared,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_crashes_and_comes_back_under_load() {
    let Some(server) = alone().await else { return };
    let base = server.database().await;
    let url = base.url();
    let mut trial = Trial::begin(base, &url).await;
    trial.load().await;
    server.stop(StopMode::Immediate);
    pause(1500).await;
    trial.assert_unready().await;
    server.start();
    let recovery = trial.assert_recovery().await;
    assert_as_in_runbook(&trial.service.log(), "Dependencia disponible otra vez");
    trial.end(&format!("immediate stop, well after {recovery:.0?}"), REFUSED).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_only_reads_for_a_while() {
    let Some(server) = alone().await else { return };
    let base = server.database().await;
    let url = base.url();
    let mut trial = Trial::begin(base, &url).await;
    trial.load().await;
    server.set("default_transaction_read_only = on").await;
    pause(1000).await;
    trial.assert_unready().await;
    assert_eq!(trial.service.status("/api/v1/pagos?limit=1").await, 200, "reading goes on");
    server.set("default_transaction_read_only = off").await;
    let recovery = trial.assert_recovery().await;
    trial.end(&format!("read-only server, well after {recovery:.0?}"), REFUSED).await;
}

/// Attempts to connect in a second, at most, of everything that the service does.
const ATTEMPTS: f64 = 5.0;
/// How long they are counted.
const COUNTED_MS: u64 = 4000;
/// Clients that read meanwhile.
const READERS: usize = 16;

/// A service that reaches its database through a proxy, where attempts to connect are counted.
async fn begin_counted(server: &Server) -> (Proxy, Trial) {
    let base = server.database().await;
    let proxy = Proxy::to(server.port()).await;
    let url = base.url_by(proxy.port);
    (proxy, Trial::begin(base, &url).await)
}

/// Pays, reads and asks whether the service is ready while there is no connection to be had. Says how many attempts were made in a
/// second.
async fn count_attempts(proxy: &Proxy, trial: &mut Trial) -> f64 {
    let (begun, before) = (Instant::now(), proxy.accepted());
    let readers = Load::reading(trial.service.address, READERS);
    trial.load().await;
    trial.assert_unready().await;
    pause(COUNTED_MS).await;
    let attempts = proxy.accepted() - before;
    let rate = f64::from(u32::try_from(attempts).unwrap()) / begun.elapsed().as_secs_f64();
    readers.stop().await;
    assert!(attempts > 0 && rate <= ATTEMPTS, "{attempts} attempts, {rate:.1} in a second");
    rate
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_somebody_else_has_taken() {
    let Some(server) = alone().await else { return };
    let (proxy, mut trial) = begin_counted(&server).await;
    trial.base.execute("create role ajeno login").await;
    // Against payers that connect again at once nobody could take the last place.
    let taken = take_every_connection(&trial.base).await;
    let rate = count_attempts(&proxy, &mut trial).await;
    drop(taken);
    let recovery = trial.assert_recovery().await;
    trial.end(&format!("connections exhausted, {rate:.1} attempts/s to connect, well after {recovery:.0?}"), REFUSED).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_down_for_a_while() {
    let Some(server) = alone().await else { return };
    let (proxy, mut trial) = begin_counted(&server).await;
    // So that every connection of the pool is open, and breaks.
    let readers = Load::reading(trial.service.address, READERS);
    pause(500).await;
    server.stop(StopMode::Fast);
    let rate = count_attempts(&proxy, &mut trial).await;
    server.start();
    let recovery = trial.assert_recovery().await;
    readers.stop().await;
    trial.end(&format!("server down, {rate:.1} attempts/s to connect, well after {recovery:.0?}"), REFUSED).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_fewer_connections_than_the_service_may_have() {
    let Some(server) = shared().await else { return };
    let (proxy, mut trial) = begin_counted(&server).await;
    let Base::Postgres { name, .. } = &trial.base else { panic!("not PostgreSQL") };
    trial.base.execute(format!("alter database {name} connection limit 2")).await;
    let readers = Load::reading(trial.service.address, READERS);
    trial.load().await;
    let (begun, before) = (Instant::now(), proxy.accepted());
    pause(2000).await;
    let attempts = proxy.accepted() - before;
    let rate = f64::from(u32::try_from(attempts).unwrap()) / begun.elapsed().as_secs_f64();
    readers.stop().await;
    assert!(attempts > 0 && rate <= ATTEMPTS, "{attempts} attempts, {rate:.1} in a second");
    let attempts = trial.books.attempts();
    assert!(attempts.iter().all(Attempt::is_well), "those that there are do for all: {attempts:?}");
    trial.end(&format!("two connections, {rate:.1} attempts/s to have another"), REFUSED).await;
}

/// Takes every connection that there is, those of the service included, until twice running there is none left to take.
async fn take_every_connection(base: &Base) -> Vec<PgConnection> {
    let mut session = base.postgres_session().await;
    let (mut taken, mut idle_rounds, begun) = (Vec::new(), 0, Instant::now());
    while idle_rounds < 2 {
        assert!(begun.elapsed() < PATIENCE, "the service keeps its connections");
        let more = connect(&base.url().replace("pagos@", "ajeno@")).await;
        let theirs = "select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = 'pagos'";
        let ended: i64 = sqlx::query_scalar(theirs).fetch_one(&mut session).await.unwrap();
        idle_rounds = if more.is_empty() && ended == 0 { idle_rounds + 1 } else { 0 };
        taken.extend(more);
        // A session leaves the list before it leaves its place.
        pause(50).await;
    }
    // Its place would be the service's.
    taken.push(session);
    taken
}

/// As many connections as can be had, of many attempts at once.
async fn connect(url: &str) -> Vec<PgConnection> {
    let attempts = (0..20).map(|_| url.to_owned());
    let attempts: JoinSet<_> = attempts.map(|url| async move { PgConnection::connect(&url).await.ok() }).collect();
    attempts.join_all().await.into_iter().flatten().collect()
}
