//! An orchestrator's view: the probes, asked all the time.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::{Client, pause};

const PERIOD_MS: u64 = 50;

#[derive(Clone, Copy, Debug)]
struct Sample {
    at: Instant,
    took: Duration,
    status: u16,
}

#[derive(Clone, Default)]
struct Samples(Arc<Mutex<Vec<Sample>>>);

/// Asks both probes until it is dropped.
pub(crate) struct Watch {
    live: Samples,
    ready: Samples,
    _probes: JoinSet<()>,
}

impl Watch {
    pub(crate) fn start(address: SocketAddr) -> Self {
        let (live, ready, mut probes) = (Samples::default(), Samples::default(), JoinSet::new());
        probes.spawn(probe(Client::new(address), "/health/live", live.clone()));
        probes.spawn(probe(Client::new(address), "/health/ready", ready.clone()));
        Self { live, ready, _probes: probes }
    }

    /// `/health/live` never said anything but 200.
    #[track_caller]
    pub(crate) fn assert_always_live(&self) {
        let samples = self.live.all();
        assert!(!samples.is_empty());
        for sample in samples {
            assert!(sample.status == 200 && sample.took < Duration::from_secs(1), "{sample:?}");
        }
    }

    /// What `/health/ready` said to questions asked since `from`.
    pub(crate) fn ready_since(&self, from: Instant) -> Vec<u16> {
        self.ready.all().into_iter().filter(|sample| sample.at >= from).map(|sample| sample.status).collect()
    }
}

async fn probe(mut client: Client, path: &'static str, samples: Samples) {
    loop {
        let at = Instant::now();
        let status = client.get(path).await.map_or(0, |answer| answer.status);
        samples.0.lock().unwrap_or_else(PoisonError::into_inner).push(Sample { at, took: at.elapsed(), status });
        pause(PERIOD_MS).await;
    }
}

impl Samples {
    fn all(&self) -> Vec<Sample> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
