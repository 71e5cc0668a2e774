//! What the service needs is not there when it starts, or two of it start at once.

use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::PgConnection;
use standards_core::context;
use tokio::task::JoinHandle;

use crate::support::{
    Base, Books, Fault, Load, Outcome, PATIENCE, Proxy, REFUSED, ServiceProcess, StopMode, Tally, Trial, alone,
    assert_as_in_runbook, on_both_engines, pause, register, shared,
};

/// In which a service that cannot reach its database must listen nevertheless.
const LISTENS: Duration = Duration::from_secs(3);

async fn assert_waits_for_its_database(service: &ServiceProcess) {
    assert_eq!(service.status("/health/live").await, 200);
    assert_eq!(service.status("/health/ready").await, 503);
    let attempt = Books::default().pay(&mut service.client(), 1).await;
    assert!(attempt.outcome == Outcome::Unavailable && attempt.took < REFUSED, "{attempt:?}");
}

async fn assert_serves(base: Base, service: ServiceProcess, name: &str) {
    let healed = Instant::now();
    service.ready().await;
    let recovery = healed.elapsed();
    assert!(recovery < Duration::from_secs(3), "{recovery:?}");
    let mut trial = Trial::with(base, service).await;
    trial.load().await;
    trial.end(&format!("{name}, ready after {recovery:.0?}"), REFUSED).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_down_at_boot() {
    let Some(server) = alone().await else { return };
    let base = server.database().await;
    server.stop(StopMode::Fast);
    let service = ServiceProcess::start(&base.url()).await;
    assert_waits_for_its_database(&service).await;
    pause(1000).await;
    assert_as_in_runbook(&service.log(), "Base de datos no disponible, se reintenta");
    server.start();
    assert_serves(base, service, "down at boot").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_silent_at_boot() {
    let Some(server) = shared().await else { return };
    let base = server.database().await;
    let proxy = Proxy::to(server.port()).await;
    proxy.set(Fault::BlackHole);
    let begun = Instant::now();
    let service = ServiceProcess::start(&base.url_by(proxy.port)).await;
    let listening = begun.elapsed();
    assert!(listening < LISTENS, "{listening:?}");
    assert_waits_for_its_database(&service).await;
    proxy.set(Fault::Pass);
    assert_serves(base, service, &format!("silent at boot, listening after {listening:.0?}")).await;
}

/// In which a start whose migration hears nothing more goes on without it: five questions without an answer, each after a pause.
const GIVES_UP: Duration = Duration::from_secs(20);

/// Returns once the service waits for a lock.
async fn waits_for_lock(base: &Base) {
    let waiting = "select count(*) from pg_stat_activity
        where datname = current_database() and usename = 'pagos' and wait_event_type = 'Lock'";
    let (mut session, begun) = (base.postgres_session().await, Instant::now());
    while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut session).await.unwrap() == 0 {
        assert!(begun.elapsed() < PATIENCE, "no migration under way");
        pause(10).await;
    }
}

/// A session of somebody else's whose table holds up a migration.
async fn hold_up_migrations(base: &Base) -> PgConnection {
    let mut outside = base.postgres_session().await;
    sqlx::raw_sql("begin; create table clientes (id int)").execute(&mut outside).await.unwrap();
    outside
}

/// A service that is starting, in the midst of a migration which somebody else's table holds up.
async fn begin_migrating(base: &Base, url: &str) -> (JoinHandle<ServiceProcess>, PgConnection) {
    let outside = hold_up_migrations(base).await;
    let url = url.to_owned();
    let starting = context::spawn(async move { ServiceProcess::start(&url).await });
    waits_for_lock(base).await;
    (starting, outside)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_falls_silent_in_the_midst_of_a_migration() {
    let Some(server) = shared().await else { return };
    let base = server.database().await;
    let proxy = Proxy::to(server.port()).await;
    let (starting, mut outside) = begin_migrating(&base, &base.url_by(proxy.port)).await;
    proxy.set(Fault::BlackHole);
    let begun = Instant::now();
    let service = starting.await.unwrap();
    let listening = begun.elapsed();
    assert!(listening < GIVES_UP, "{listening:?}");
    assert_waits_for_its_database(&service).await;
    sqlx::raw_sql("rollback").execute(&mut outside).await.unwrap();
    proxy.set(Fault::Pass);
    assert_serves(base, service, &format!("silent in a migration, listening after {listening:.0?}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_takes_longer_than_silence_is_borne() {
    let Some(server) = shared().await else { return };
    let base = server.database().await;
    let (starting, mut outside) = begin_migrating(&base, &base.url()).await;
    tokio::time::sleep(GIVES_UP).await;
    assert!(!starting.is_finished(), "given up");
    sqlx::raw_sql("rollback").execute(&mut outside).await.unwrap();
    assert_serves(base, starting.await.unwrap(), "long migration").await;
}

/// In which a service ends that is told to stop before it has started.
const STOPS: Duration = Duration::from_secs(5);

/// Stops a service in the midst of its first migration.
async fn stop_while_migrating(script: &str, stop: fn(&mut ServiceProcess)) {
    let Some(server) = shared().await else { return };
    let base = server.database().await;
    let outside = hold_up_migrations(&base).await;
    let mut service = ServiceProcess::begin_by(script, &base.url());
    waits_for_lock(&base).await;
    let begun = Instant::now();
    stop(&mut service);
    assert!(begun.elapsed() < STOPS, "{:?}", begun.elapsed());
    let told = service.records();
    assert_eq!(told.last().unwrap()["message"], "Servicio detenido antes de iniciar", "{told:#?}");
    drop(outside);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_while_it_starts_is_heeded() {
    stop_while_migrating("exec \"$0\"", ServiceProcess::stop).await;
}

/// Whether this user may make the first process of a namespace, as a container runtime does.
fn may_be_first() -> bool {
    let tried = std::process::Command::new("unshare").args(["--pid", "--fork", "true"]).output();
    let may = tried.is_ok_and(|tried| tried.status.success());
    if !may {
        eprintln!("skipped: no namespace of processes can be made here");
    }
    may
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_while_it_starts_is_heeded_by_the_first_process_of_a_container() {
    if may_be_first() {
        stop_while_migrating("exec unshare --pid --fork --kill-child \"$0\"", ServiceProcess::stop_child).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_while_its_database_is_silent_is_heeded() {
    let Some(server) = shared().await else { return };
    let (base, proxy) = (server.database().await, Proxy::to(server.port()).await);
    proxy.set(Fault::BlackHole);
    let mut service = ServiceProcess::begin_by("exec \"$0\"", &base.url_by(proxy.port));
    let begun = Instant::now();
    while proxy.accepted() == 0 {
        assert!(begun.elapsed() < PATIENCE, "the database is never asked for");
        pause(5).await;
    }
    let begun = Instant::now();
    service.stop();
    assert!(begun.elapsed() < STOPS, "{:?}", begun.elapsed());
}

const SIGTERM: i32 = 15;

/// How a process may end that is told to stop while it starts: as it is told, or of the signal before anybody watches for it.
fn is_end_of_a_start(status: ExitStatus) -> bool {
    status.success() || status.signal() == Some(SIGTERM)
}

/// H17: a little later each time, through boot and migration. What is left behind is a database to start on.
async fn stopped_at_any_moment_of_its_start(base: Base) {
    for after in (0..200).step_by(10) {
        let mut service = ServiceProcess::begin_by("exec \"$0\"", &base.url());
        pause(after).await;
        let begun = Instant::now();
        service.signal("TERM");
        let status = service.end();
        assert!(is_end_of_a_start(status), "after {after} ms: {status}: {}", service.log());
        assert!(begun.elapsed() < STOPS, "after {after} ms: {:?}", begun.elapsed());
    }
    let service = ServiceProcess::start(&base.url()).await;
    assert_serves(base, service, "stopped while it started").await;
}

/// Two instances start, migrate and take payments from the same clientes at once.
async fn two_instances_on_a_new_database(base: Base) {
    let url = base.url();
    let (one, other) = tokio::join!(ServiceProcess::start(&url), ServiceProcess::start(&url));
    tokio::join!(one.ready(), other.ready());
    let clientes = register(&one, 4).await;
    let books: Arc<Books> = Arc::default();
    let loads = [&one, &other].map(|service| Load::start(service.address, &books, &clientes));
    pause(1500).await;
    for load in loads {
        load.stop().await;
    }
    let attempts = books.attempts();
    let slowest = attempts.iter().map(|attempt| attempt.took).max();
    eprintln!("two instances: {} payments, {slowest:.0?}", attempts.len());
    books.assert_answers(REFUSED);
    // What one instance answered the other one replays.
    for service in [&one, &other] {
        assert_eq!(books.settle(service.address, &base).await, Tally::default(), "unavailable");
    }
}

on_both_engines!(stopped_at_any_moment_of_its_start, two_instances_on_a_new_database);
