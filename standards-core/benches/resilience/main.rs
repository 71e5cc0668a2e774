//! What a call costs that passes a circuit breaker: `cargo bench -p standards-core --bench resilience`.
//!
//! The call itself is a future that is ready at once. A call through a closed circuit may cost 100 ns, most of which are two readings of the clock,
//! and allocates nothing.

#![expect(clippy::print_stdout, reason = "a bench tells what it measured")]

#[path = "../turns/mod.rs"]
mod turns;

use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use standards_core::resilience::{CircuitBreaker, CircuitPolicy, Permit, Window};
use turns::interleaved;

/// How many calls are timed together.
const CALLS: u32 = 1_000;

/// What a call through a closed circuit may cost beyond itself, in nanoseconds.
const TARGET: f64 = 100.0;

type Work = Box<dyn FnMut()>;

fn main() {
    let mut rows = rows();
    let allocations: Vec<_> = rows.iter_mut().map(|(_, work)| allocations(work)).collect();
    let (names, mut works): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    let times = interleaved(&mut works, CALLS);
    let bare = times.first().copied().unwrap_or_default();
    println!("| | ns/call | beyond the bare call | allocations/call |\n|---|---:|---:|---:|");
    for ((name, time), allocations) in names.iter().zip(&times).zip(&allocations) {
        println!("| {name} | {time:.1} | {:.1} | {allocations} |", time - bare);
    }
    let beyond = times.get(2).map_or(f64::MAX, |time| time - bare);
    let verdict = if beyond <= TARGET && allocations.get(2) == Some(&0.0) { "kept" } else { "MISSED" };
    println!("\nclosed, a window of calls: {beyond:.1} ns of {TARGET} ns, no allocation: {verdict}");
}

fn rows() -> Vec<(&'static str, Work)> {
    let breaker = |window| CircuitBreaker::new("redis", CircuitPolicy::default().with_window(window));
    let (calls, time) = (breaker(Window::Count(100)), breaker(Window::Time(Duration::from_secs(10))));
    let (owned, disabled, open) = (calls.clone(), breaker(Window::Count(100)), breaker(Window::Count(100)));
    disabled.disable();
    open.force_open();
    vec![
        ("bare call", each(|| keep(poll(ready())))),
        ("two readings of the clock", each(|| keep((Instant::now(), Instant::now())))),
        ("closed, window of calls", each(move || keep(poll(calls.call(ready()))))),
        ("closed, window of time", each(move || keep(poll(time.call(ready()))))),
        ("closed, a permit of one's own", each(move || owned.acquire().into_iter().for_each(Permit::success))),
        ("disabled", each(move || keep(poll(disabled.call(ready()))))),
        ("open", each(move || keep(poll(open.call(ready()))))),
    ]
}

fn each(mut call: impl FnMut() + 'static) -> Work {
    Box::new(move || (0..CALLS).for_each(|_| call()))
}

fn keep<T>(value: T) {
    let _ = black_box(value);
}

async fn ready() -> Result<u64, ()> {
    black_box(Ok(7))
}

fn poll<F: Future>(call: F) -> Poll<F::Output> {
    pin!(call).poll(&mut Context::from_waker(Waker::noop()))
}

/// Per call, once everything is warm.
fn allocations(work: &mut Work) -> f64 {
    work();
    allocation_counter::measure(work).count_total as f64 / f64::from(CALLS)
}
