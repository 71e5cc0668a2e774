//! Allocations and throughput.

use std::time::Instant;

use crate::contenders::{Contender, EVENTS};
use crate::turns::median;

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
