//! The way to PostgreSQL fails.

use std::time::{Duration, Instant};

use crate::support::{Fault, Outcome, Proxy, REFUSED, SILENT, SLACK, Server, Trial, pause, shared};

/// A service that reaches its database through a proxy.
async fn begin() -> Option<(Server, Proxy, Trial)> {
    let server = shared().await?;
    let proxy = Proxy::to(server.port()).await;
    let base = server.database().await;
    let url = base.url_by(proxy.port);
    Some((server, proxy, Trial::begin(base, &url).await))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_network_costs_two_round_trips_at_most() {
    let Some((_server, proxy, mut trial)) = begin().await else { return };
    let clientes = trial.clientes[..4].to_vec();
    trial.load_by(&clientes).await;
    proxy.set(Fault::Latency(Duration::from_millis(100)));
    // A new connection costs more, and so does each statement's first time on it.
    pause(3000).await;
    let begun = Instant::now();
    pause(2000).await;
    let attempts = trial.books.attempts();
    let mut took: Vec<Duration> = attempts.iter().filter(|a| a.begun > begun).map(|a| a.took).collect();
    took.sort_unstable();
    let median = took[took.len() / 2];
    assert!(median < Duration::from_millis(450) + SLACK / 5, "{took:?}");
    assert!(attempts.iter().all(|a| a.outcome != Outcome::Unavailable), "{attempts:?}");
    assert!(trial.watch.ready_since(begun).iter().all(|status| *status == 200));
    proxy.set(Fault::Pass);
    trial.end(&format!("latency of 200 ms, median {median:.0?}"), SILENT).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_falls_silent_while_the_service_is_idle() {
    let Some((_server, proxy, mut trial)) = begin().await else { return };
    let mut client = trial.service.client();
    trial.books.pay(&mut client, trial.clientes[0]).await;
    proxy.set(Fault::BlackHole);
    pause(1500).await;
    trial.assert_unready().await;
    let attempt = trial.books.pay(&mut client, trial.clientes[0]).await;
    assert_eq!(attempt.outcome, Outcome::Unavailable, "{attempt:?}");
    proxy.set(Fault::Pass);
    trial.load().await;
    let recovery = trial.assert_recovery().await;
    trial.end(&format!("black hole while idle, well after {recovery:.0?}"), SILENT).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_falls_silent_under_load() {
    let Some((_server, proxy, mut trial)) = begin().await else { return };
    // More payers than the pool has connections.
    let payers = trial.clientes.repeat(3);
    trial.load_by(&payers).await;
    proxy.set(Fault::BlackHole);
    pause(2000).await;
    trial.assert_unready().await;
    pause(2000).await;
    proxy.set(Fault::Pass);
    let recovery = trial.assert_recovery().await;
    trial.end(&format!("black hole under load, well after {recovery:.0?}"), SILENT).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_are_reset_under_load() {
    let Some((_server, proxy, mut trial)) = begin().await else { return };
    trial.load().await;
    for _ in 0..20 {
        proxy.reset();
        pause(75).await;
    }
    let recovery = trial.assert_recovery().await;
    trial.end(&format!("20 resets under load, well after {recovery:.0?}"), REFUSED).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_cut_off() {
    let Some((_server, proxy, mut trial)) = begin().await else { return };
    trial.load().await;
    for bytes in [0, 1, 5, 40] {
        proxy.set(Fault::Cut(bytes));
        pause(400).await;
    }
    trial.assert_unready().await;
    proxy.set(Fault::Pass);
    let recovery = trial.assert_recovery().await;
    trial.end(&format!("answers cut off, well after {recovery:.0?}"), REFUSED).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_refuses_connections_under_load() {
    let Some((_server, proxy, mut trial)) = begin().await else { return };
    trial.load().await;
    proxy.set(Fault::Refuse);
    pause(1500).await;
    trial.assert_unready().await;
    proxy.set(Fault::Pass);
    let recovery = trial.assert_recovery().await;
    trial.end(&format!("refused under load, well after {recovery:.0?}"), REFUSED).await;
}
