//! What a hit costs, and how often an expiring key is loaded: `cargo bench -p standards-core --all-features --bench cache`.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a measurement that cannot go on stops")]

mod expiry;
#[path = "../turns/mod.rs"]
mod turns;

use std::hint::black_box;
use std::io::Write as _;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use standards_core::Failure;
use standards_core::cache::{Cache, Namespace};

const HOUR: Duration = Duration::from_secs(3_600);
const HITS: u32 = 1_000;
/// What the value has on the heap, in bytes: a hit must not copy it.
const HEAP: usize = 64 << 10;

fn main() {
    let clientes = clientes();
    let mut report = Vec::new();
    let mut works: Vec<Box<dyn FnMut() + '_>> = vec![
        Box::new(|| (0..HITS).for_each(|_| hit(&clientes, &black_box(42_i64)))),
        Box::new(|| (0..HITS).for_each(|_| hit(&clientes, black_box("8e03978e-40d5-43dd-bc93-6894a57f9324")))),
    ];
    let times = turns::interleaved(&mut works, HITS);
    let allocated: Vec<_> =
        works.iter_mut().map(|work| allocation_counter::measure(work).count_total / u64::from(HITS)).collect();
    writeln!(report, "{:<44} {:>9} {:>9}", "a hit in process, of a value of 64 KiB", "measured", "target").expect("memory");
    for (name, row) in [("by a number", 0), ("by the text of a UUID", 1)] {
        writeln!(report, "{:<44} {:>9.1} {:>9}", format!("{name}, ns"), times[row], "<= 300").expect("memory");
        writeln!(report, "{:<44} {:>9} {:>9}", format!("{name}, allocations"), allocated[row], "0").expect("memory");
    }
    let loads = expiry::loads_of_64_readers();
    writeln!(report, "{:<44} {:>9} {:>9}", "loads of 64 readers while a key expires", loads, "<= 2").expect("memory");
    std::io::stdout().write_all(&report).expect("standard output");
    assert!(loads <= 2, "{loads} loads");
}

fn clientes() -> Cache<Vec<u8>> {
    let clientes = Cache::in_process(Namespace::new("cliente", 1));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        clientes.set(&42_i64, vec![7; HEAP], HOUR).await;
        clientes.set("8e03978e-40d5-43dd-bc93-6894a57f9324", vec![7; HEAP], HOUR).await;
    });
    clientes
}

/// Asked as a handler asks, with a loader at hand.
fn hit<Q: std::fmt::Display + Sync + ?Sized>(clientes: &Cache<Vec<u8>>, key: &Q) {
    let asked = pin!(clientes.get_or_load(key, HOUR, || async { Err(Failure::unavailable("a hit loads nothing")) }));
    let Poll::Ready(Ok(value)) = asked.poll(&mut Context::from_waker(Waker::noop())) else {
        unreachable!("a hit waits for nothing")
    };
    black_box(Arc::as_ptr(&value));
}
