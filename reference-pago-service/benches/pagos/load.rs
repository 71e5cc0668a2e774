//! The load generator: a fixed number of connections, each sending its next payment when the last is answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::connection::Connection;
use crate::figures::Round;
use crate::outcome::Outcome;
use crate::tally::{Tally, WARM_UP, Window};

/// How long the last answers may take.
const STRAGGLERS: Duration = Duration::from_secs(30);
/// A client that was refused waits a little, as `Retry-After` asks, though not that long.
const REFUSED_PAUSE: Duration = Duration::from_millis(10);

/// What to send, where, and from how many connections.
pub(crate) struct Load {
    pub(crate) address: SocketAddr,
    pub(crate) requests: Vec<Vec<u8>>,
    pub(crate) connections: u64,
    pub(crate) duration: Duration,
}

impl Load {
    /// Sends until the time is over and every answer is there.
    pub(crate) async fn run(self) -> Outcome<(Tally, Round)> {
        let (requests, window) = (Arc::new(self.requests), Window::after_warm_up(self.duration));
        let limit = WARM_UP + self.duration + STRAGGLERS;
        let mut payers = JoinSet::new();
        for seed in 1..=self.connections {
            payers.spawn(timeout(limit, pay(self.address, Arc::clone(&requests), seed, window)));
        }
        let mut total = Tally::default();
        while let Some(tally) = payers.join_next().await {
            total.add(tally?.map_err(|_| "an answer did not come in time")??);
        }
        let round = total.round(self.duration);
        Ok((total, round))
    }
}

/// The life of one connection.
async fn pay(address: SocketAddr, requests: Arc<Vec<Vec<u8>>>, seed: u64, window: Window) -> Outcome<Tally> {
    let mut connection = Connection::open(address).await?;
    let (mut tally, mut random) = (Tally::default(), Random(seed));
    while window.is_open() {
        let request = requests.get(random.below(requests.len())).ok_or("nothing to send")?;
        let sent = Instant::now();
        let answer = connection.exchange(request).await?;
        match answer.status {
            200 if answer.is_success() => tally.acknowledge(sent, window),
            503 => {
                tally.unavailable += 1;
                sleep(REFUSED_PAUSE).await;
            }
            _ => return Err(format!("a payment was answered {}", answer.text()).into()),
        }
    }
    Ok(tally)
}

/// Knuth's linear congruential generator: cheap, and the same sequence in every run.
struct Random(u64);

impl Random {
    /// A number below `bound`, from the upper bits, which are the better ones.
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        usize::try_from((self.0 >> 33) % bound).unwrap_or_default()
    }
}
