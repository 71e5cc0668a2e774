//! What the network does.

use std::time::Duration;

use super::proxy::Fault;
use super::server::Server;
use super::trial::Trial;

/// The fault, for so many seconds, and its end.
async fn through(fault: Fault, seconds: u64) {
    let Some(server) = Server::start() else { return };
    let trial = Trial::begin(&server).await;
    trial.proxy.set(fault);
    trial.assert_unfelt(&format!("{fault:?}"), seconds).await;
    trial.assert_degraded().await;
    trial.proxy.set(Fault::Pass);
    trial.assert_recovers().await;
    trial.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refused() {
    through(Fault::Refuse, 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_black_hole() {
    through(Fault::BlackHole, 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_seconds_of_latency() {
    through(Fault::Latency(Duration::from_secs(2)), 5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn byte_by_byte() {
    through(Fault::Drip(Duration::from_millis(20)), 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cut_in_the_middle_of_a_reply() {
    through(Fault::Cut(7), 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_make_no_sense() {
    through(Fault::Say("HTTP/1.1 400 Bad Request\r\n\r\n"), 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_loading() {
    through(Fault::Say("-LOADING Redis is loading the dataset in memory\r\n-LOADING x\r\n-LOADING x\r\n"), 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn resets_again_and_again() {
    let Some(server) = Server::start() else { return };
    let trial = Trial::begin(&server).await;
    let resetting = async {
        for _ in 0..30 {
            trial.proxy.reset();
            super::trial::pause(100).await;
        }
    };
    tokio::join!(resetting, trial.assert_unfelt("resets", 3));
    trial.assert_recovers().await;
    trial.end().await;
}
