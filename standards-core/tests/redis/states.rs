//! What the server does.

use super::server::Server;
use super::trial::{Source, Trial, pause, until};

#[tokio::test(flavor = "multi_thread")]
async fn read_only() {
    let Some(server) = Server::start() else { return };
    let trial = Trial::begin(&server).await;
    server.tell(&[&["REPLICAOF", "127.0.0.1", "1"]]);
    trial.assert_unfelt("READONLY", 3).await;
    assert!(!trial.cache.delete("a").await);
    server.tell(&[&["REPLICAOF", "NO", "ONE"]]);
    trial.assert_recovers().await;
    trial.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn out_of_memory() {
    let Some(server) = Server::start() else { return };
    let trial = Trial::begin(&server).await;
    server.tell(&[&["CONFIG", "SET", "maxmemory", "1"]]);
    trial.assert_unfelt("OOM", 3).await;
    server.tell(&[&["CONFIG", "SET", "maxmemory", "0"]]);
    trial.assert_recovers().await;
    trial.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_was_changed() {
    let Some(server) = Server::start() else { return };
    let trial = Trial::begin(&server).await;
    server.tell(&[&["CONFIG", "SET", "requirepass", "otra"], &["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]]);
    trial.proxy.reset();
    trial.assert_unfelt("NOAUTH", 3).await;
    trial.assert_degraded().await;
    server.tell(&[&["AUTH", "otra"], &["CONFIG", "SET", "requirepass", ""]]);
    trial.assert_recovers().await;
    trial.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_flushed() {
    let Some(server) = Server::start() else { return };
    let trial = Trial::begin(&server).await;
    for _ in 0..20 {
        server.tell(&[&["FLUSHALL"]]);
        pause(50).await;
    }
    trial.assert_unfelt("FLUSHALL", 1).await;
    trial.assert_recovers().await;
    trial.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart() {
    let Some(mut server) = Server::start() else { return };
    let trial = Trial::begin(&server).await;
    server.stop();
    trial.assert_unfelt("stopped", 2).await;
    trial.assert_degraded().await;
    server.start_again();
    trial.assert_recovers().await;
    trial.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_sleeps() {
    let Some(server) = Server::start() else { return };
    let trial = Trial::begin(&server).await;
    server.tell_and_leave(&["DEBUG", "SLEEP", "3"]);
    trial.assert_unfelt("DEBUG SLEEP", 2).await;
    trial.assert_recovers().await;
    trial.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_memory_limit_that_evicts() {
    let Some(server) = Server::start_with(&["--maxmemory", "2mb", "--maxmemory-policy", "allkeys-lru"]) else { return };
    let trial = Trial::begin(&server).await;
    let filling = async {
        for round in 0..200 {
            let key = format!("filler:{round}");
            server.tell(&[&["SET", &key, &"x".repeat(50_000)]]);
            pause(5).await;
        }
    };
    tokio::join!(filling, trial.assert_unfelt("eviction", 2));
    trial.assert_recovers().await;
    trial.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_annulled_without_a_connection_is_annulled_when_there_is_one() {
    let Some(server) = Server::start() else { return };
    let trial = Trial::begin(&server).await;
    let source = Source::default();
    assert_eq!(source.ask(&trial.cache, "a").await, 1);
    let is_there = async || server.tell(&[&["EXISTS", "number:1:a"]]) == ":1\r\n";
    until("the value there", is_there).await;
    trial.proxy.set(super::proxy::Fault::Refuse);
    trial.assert_degraded().await;
    assert!(!trial.cache.delete("a").await);
    assert_eq!(source.ask(&trial.cache, "a").await, 2);
    server.tell(&[&["SET", "number:1:a", "  99999999999999\n1"]]);
    trial.proxy.set(super::proxy::Fault::Pass);
    trial.assert_recovers().await;
    until("the annulment", async || !is_there().await || server.tell(&[&["GET", "number:1:a"]]).contains("\n2\r\n")).await;
    trial.end().await;
}
