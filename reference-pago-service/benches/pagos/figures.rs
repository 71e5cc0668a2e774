//! Rounds and their medians.

/// What one round of one contender came to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Round {
    pub(crate) per_second: f64,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
}

/// The rounds of one contender.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rounds(Vec<Round>);

impl Round {
    /// One that made `latencies_us.len()` payments in `seconds`.
    pub(crate) fn of_latencies(mut latencies_us: Vec<u32>, seconds: f64) -> Self {
        latencies_us.sort_unstable();
        Self {
            per_second: latencies_us.len() as f64 / seconds,
            p50_us: percentile(&latencies_us, 50),
            p99_us: percentile(&latencies_us, 99),
        }
    }
}

impl Rounds {
    pub(crate) fn add(&mut self, round: Round) {
        self.0.push(round);
    }

    /// The median of each figure.
    pub(crate) fn median(&self) -> Round {
        Round {
            per_second: self.median_of(|round| round.per_second),
            p50_us: self.median_of(|round| round.p50_us),
            p99_us: self.median_of(|round| round.p99_us),
        }
    }

    /// The slowest and the fastest round, in payments per second.
    pub(crate) fn range(&self) -> (f64, f64) {
        let figures = || self.0.iter().map(|round| round.per_second);
        (figures().fold(f64::INFINITY, f64::min), figures().fold(0.0, f64::max))
    }

    fn median_of(&self, figure: impl Fn(&Round) -> f64) -> f64 {
        let mut figures: Vec<f64> = self.0.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        figures.get(figures.len() / 2).copied().unwrap_or_default()
    }
}

/// Of sorted values; 0 where there are none.
fn percentile(sorted: &[u32], percent: usize) -> f64 {
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().map_or(0.0, f64::from)
}
