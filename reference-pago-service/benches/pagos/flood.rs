//! The open-loop load generator: requests are due at fixed times, whether or not those before are answered.
//!
//! Each connection has its share of the schedule. One that is still waiting for an answer sends what was due meanwhile as soon as it can, and
//! every time is counted from when the request was due: a service that holds up the load is charged for it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::connection::Connection;
use crate::outcome::Outcome;

/// What is due and could not be sent so long after the end is not sent any more.
const PATIENCE: Duration = Duration::from_secs(5);

/// What to send, where, how often and how long.
pub(crate) struct Flood {
    pub(crate) address: SocketAddr,
    pub(crate) requests: Arc<Vec<Vec<u8>>>,
    pub(crate) connections: u32,
    pub(crate) per_second: f64,
    pub(crate) duration: Duration,
}

/// One request and its answer.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    /// When it was due, from the beginning.
    pub(crate) due: Duration,
    /// How long after that its answer was there.
    pub(crate) took: Duration,
    pub(crate) status: u16,
}

/// A flood whose connections are open.
pub(crate) struct Ready {
    flood: Arc<Flood>,
    connections: Vec<Connection>,
}

impl Flood {
    /// Opens the connections: they are no part of what is measured.
    pub(crate) async fn open(self) -> Outcome<Ready> {
        let mut connections = Vec::new();
        for _ in 0..self.connections {
            connections.push(Connection::open(self.address).await?);
        }
        Ok(Ready { flood: Arc::new(self), connections })
    }

    /// The time between two requests of one connection.
    fn interval(&self) -> Duration {
        Duration::from_secs_f64(f64::from(self.connections) / self.per_second)
    }
}

impl Ready {
    /// Sends all that is due within the duration.
    pub(crate) async fn run(self) -> Outcome<Vec<Sample>> {
        let (start, interval) = (Instant::now(), self.flood.interval());
        let step = interval / self.flood.connections.max(1);
        let mut senders = JoinSet::new();
        for (number, connection) in (0..).zip(self.connections) {
            senders.spawn(send(self.flood.clone(), connection, start, number * step));
        }
        let mut samples = Vec::new();
        while let Some(sent) = senders.join_next().await {
            samples.append(&mut sent??);
        }
        Ok(samples)
    }
}

/// The life of one connection, whose first request is due `first` after the start.
async fn send(flood: Arc<Flood>, mut connection: Connection, start: Instant, first: Duration) -> Outcome<Vec<Sample>> {
    let (mut due, interval, mut samples) = (first, flood.interval(), Vec::new());
    // Each begins at another cliente.
    let mut requests = flood.requests.iter().cycle().skip(first.subsec_micros() as usize % flood.requests.len().max(1));
    while due < flood.duration && start.elapsed() < flood.duration + PATIENCE {
        sleep_until(start + due).await;
        let answer = connection.exchange(requests.next().ok_or("nothing to send")?).await?;
        if !matches!(answer.status, 200 | 503) {
            return Err(format!("a request was answered {}", answer.text()).into());
        }
        let status = answer.status;
        samples.push(Sample { due, took: start.elapsed().saturating_sub(due), status });
        due += interval;
    }
    Ok(samples)
}
