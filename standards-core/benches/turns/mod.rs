//! Pieces of work by turns, for the benches of both libraries.

use std::time::Instant;

/// How often each piece of work is timed. The first rounds warm up and do not count.
const ROUNDS: usize = 211;
const WARM_UP: usize = 10;

/// The median time of each piece of work, in nanoseconds by `parts`, of which it does so many. The pieces take turns, so that a noisy
/// moment meets all.
pub(crate) fn interleaved(works: &mut [Box<dyn FnMut() + '_>], parts: u32) -> Vec<f64> {
    let mut times = vec![Vec::with_capacity(ROUNDS); works.len()];
    for _ in 0..ROUNDS {
        for (work, times) in works.iter_mut().zip(&mut times) {
            let start = Instant::now();
            work();
            times.push(start.elapsed().as_secs_f64() * 1e9 / f64::from(parts));
        }
    }
    times.into_iter().map(|times| median(times.into_iter().skip(WARM_UP).collect())).collect()
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
