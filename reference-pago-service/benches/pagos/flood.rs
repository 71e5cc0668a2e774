//! The open-loop load generator: requests are due at fixed times, whether or not those before are answered.
//!
//! There is one schedule, and a connection that waits for no answer takes the next request of it, whichever that is: no request waits behind
//! a slow one on its own connection while another connection is free. Every time is counted from when the request was due: a service that holds
//! up so many that no connection is left is charged for it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
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
    /// How long after that it was sent: the load's own delay, and that of a service which left it no connection.
    pub(crate) late: Duration,
    /// How long after it was due its answer was there.
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
}

impl Ready {
    /// Sends all that is due within the duration.
    pub(crate) async fn run(self) -> Outcome<Vec<Sample>> {
        let schedule = Arc::new(Schedule { start: Instant::now(), flood: self.flood, next: AtomicU32::new(0) });
        let mut senders = JoinSet::new();
        for connection in self.connections {
            senders.spawn(send(schedule.clone(), connection));
        }
        let mut samples = Vec::new();
        while let Some(sent) = senders.join_next().await {
            samples.append(&mut sent??);
        }
        Ok(samples)
    }
}

/// Which request is the next, and when it is due.
struct Schedule {
    start: Instant,
    flood: Arc<Flood>,
    next: AtomicU32,
}

impl Schedule {
    /// The next request and when it is due, unless that is past the end, or it could not be sent for too long.
    fn take(&self) -> Option<(Duration, &[u8])> {
        let (number, Flood { requests, per_second, duration, .. }) = (self.next.fetch_add(1, Ordering::Relaxed), &*self.flood);
        let due = Duration::from_secs_f64(f64::from(number) / per_second);
        let is_in_time = due < *duration && self.start.elapsed() < *duration + PATIENCE;
        let request = requests.get(number as usize % requests.len().max(1))?;
        is_in_time.then_some((due, request))
    }
}

/// The life of one connection.
async fn send(schedule: Arc<Schedule>, mut connection: Connection) -> Outcome<Vec<Sample>> {
    let (start, mut samples) = (schedule.start, Vec::new());
    while let Some((due, request)) = schedule.take() {
        sleep_until(start + due).await;
        let late = start.elapsed().saturating_sub(due);
        let answer = connection.exchange(request).await?;
        if !matches!(answer.status, 200 | 503) {
            return Err(format!("a request was answered {}", answer.text()).into());
        }
        let status = answer.status;
        samples.push(Sample { due, late, took: start.elapsed().saturating_sub(due), status });
    }
    Ok(samples)
}
