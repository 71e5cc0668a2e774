//! What the service needs is not there when it starts, or two of it start at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::support::{
    Base, Books, Fault, Load, Outcome, Proxy, REFUSED, Servicio, StopMode, Tally, Trial, alone, pause, register, shared,
};

/// In which a service that cannot reach its database must listen nevertheless.
const LISTENS: Duration = Duration::from_secs(3);

async fn assert_waits_for_its_database(servicio: &Servicio) {
    assert_eq!(servicio.status("/health/live").await, 200);
    assert_eq!(servicio.status("/health/ready").await, 503);
    let attempt = Books::default().pay(&mut servicio.client(), 1).await;
    assert!(attempt.outcome == Outcome::Unavailable && attempt.took < REFUSED, "{attempt:?}");
}

async fn assert_serves(base: Base, servicio: Servicio, name: &str) {
    let healed = Instant::now();
    servicio.ready().await;
    let recovery = healed.elapsed();
    assert!(recovery < Duration::from_secs(3), "{recovery:?}");
    let mut trial = Trial::with(base, servicio).await;
    trial.load().await;
    trial.end(&format!("{name}, ready after {recovery:.0?}"), REFUSED).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_down_at_boot() {
    let Some(server) = alone().await else { return };
    let base = server.database().await;
    server.stop(StopMode::Fast);
    let servicio = Servicio::start(&base.url()).await;
    assert_waits_for_its_database(&servicio).await;
    pause(1000).await;
    server.start();
    assert_serves(base, servicio, "down at boot").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_silent_at_boot() {
    let Some(server) = shared().await else { return };
    let base = server.database().await;
    let proxy = Proxy::to(server.port()).await;
    proxy.set(Fault::BlackHole);
    let begun = Instant::now();
    let servicio = Servicio::start(&base.url_by(proxy.port)).await;
    let listening = begun.elapsed();
    assert!(listening < LISTENS, "{listening:?}");
    assert_waits_for_its_database(&servicio).await;
    proxy.set(Fault::Pass);
    assert_serves(base, servicio, &format!("silent at boot, listening after {listening:.0?}")).await;
}

/// Two instances start, migrate and take payments from the same clientes at once.
async fn two_instances(base: Base) {
    let url = base.url();
    let (one, other) = tokio::join!(Servicio::start(&url), Servicio::start(&url));
    tokio::join!(one.ready(), other.ready());
    let clientes = register(&one, 4).await;
    let books: Arc<Books> = Arc::default();
    let loads = [&one, &other].map(|servicio| Load::start(servicio.address, &books, &clientes));
    pause(1500).await;
    for load in loads {
        load.stop().await;
    }
    let attempts = books.attempts();
    let slowest = attempts.iter().map(|attempt| attempt.took).max();
    eprintln!("two instances: {} payments, {slowest:.0?}", attempts.len());
    books.assert_answers(REFUSED);
    // What one instance answered the other one replays.
    for servicio in [&one, &other] {
        assert_eq!(books.settle(servicio.address, &base).await, Tally::default(), "unavailable");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_instances_on_a_new_postgresql() {
    let Some(server) = shared().await else { return };
    two_instances(server.database().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_instances_on_a_new_sqlite_file() {
    two_instances(Base::sqlite()).await;
}
