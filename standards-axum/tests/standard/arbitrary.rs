//! Arbitrary requests through a whole service: what the fuzz target `stack` looks for, without a fuzzer.

use std::path::Path;

use crate::corpora::generator::{Generator, Statuses, cases};
use crate::corpora::service::{runtime, stack};

/// A few seconds.
const CASES: u64 = 3_000;

/// Every way to end comes up, or the generator would not reach what it is to reach.
const EXPECTED: [u16; 13] = [200, 204, 400, 401, 403, 404, 405, 413, 415, 422, 500, 502, 503];

#[test]
fn every_request_is_answered_in_the_standard() {
    let generator = Generator::of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/stack"));
    let (cases, threads) = (cases(CASES), std::thread::available_parallelism().map_or(1, usize::from));
    let share = |first: usize| {
        let stack = stack();
        runtime().block_on(generator.run((first as u64..cases).step_by(threads), async |data| stack.check(data).await))
    };
    let statuses: Vec<Statuses> = std::thread::scope(|scope| {
        let share = &share;
        let shares: Vec<_> = (0..threads).map(|first| scope.spawn(move || share(first))).collect();
        shares.into_iter().map(|share| share.join().unwrap()).collect()
    });
    let missing: Vec<u16> =
        EXPECTED.into_iter().filter(|status| !statuses.iter().any(|share| share.contains_key(status))).collect();
    assert!(missing.is_empty(), "{missing:?} in {statuses:?}");
}
