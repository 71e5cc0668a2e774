//! Times, allocations and throughput.

use std::time::Instant;

use crate::contenders::{Contender, EVENTS};

/// How often each piece of work is timed. The first rounds warm up and do not count.
const ROUNDS: usize = 211;
const WARM_UP: usize = 10;

/// The median time of one event of each piece of work, in nanoseconds. The pieces take turns, so that a noisy moment meets all.
pub(crate) fn interleaved(works: &mut [Box<dyn FnMut() + '_>]) -> Vec<f64> {
    let mut times = vec![Vec::with_capacity(ROUNDS); works.len()];
    for _ in 0..ROUNDS {
        for (work, times) in works.iter_mut().zip(&mut times) {
            let start = Instant::now();
            work();
            times.push(start.elapsed().as_secs_f64() * 1e9 / f64::from(EVENTS));
        }
    }
    times.into_iter().map(|times| median(times.into_iter().skip(WARM_UP).collect())).collect()
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// How often an event allocates, once everything is warm.
pub(crate) fn allocations(mut work: Box<dyn FnMut() + '_>) -> f64 {
    work();
    let info = allocation_counter::measure(work);
    // The nearest thousandth: what happens once per thousand events is not per event.
    (info.count_total as f64 / f64::from(EVENTS) * 1e3).round() / 1e3
}

/// Events per second of `threads` threads together; the median of several tries.
pub(crate) fn throughput(contender: &Contender, threads: usize) -> f64 {
    const TRIES: usize = 15;
    const TURNS: u32 = 60;
    let one_try = || {
        let start = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| (0..TURNS).for_each(|_| contender.work()()));
            }
        });
        f64::from(EVENTS) * f64::from(TURNS) * threads as f64 / start.elapsed().as_secs_f64()
    };
    median((0..TRIES).map(|_| one_try()).collect())
}
