//! What a record costs, beside its peers, all in one run: `cargo bench -p standards-core --bench log`.
//!
//! The guideline's sample event inside a request; every contender writes the same facts as JSON into a sink that discards them.
//! Rounds alternate between the contenders, and the medians are compared with the targets of the log's issue.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a measurement that cannot go on stops")]

mod contenders;
mod floor;
mod measure;
mod table;

use std::hint::black_box;

use standards_core::log::Redaction;
use tracing::debug;

use contenders::Contender;
use measure::{allocations, interleaved, throughput};
use table::Table;

fn main() {
    let ours = Contender::ours();
    let contenders = [
        Contender::ours(),
        Contender::ours_with(Redaction::none()),
        Contender::ours_queued(),
        Contender::fmt_json(),
        Contender::json_subscriber(),
        Contender::bunyan(),
    ];
    let mut works: Vec<Box<dyn FnMut() + '_>> = contenders.iter().map(Contender::work).collect();
    works.push(Box::new(floor::work()));
    works.push(Box::new(|| ours.within(|| debug!(cliente_id = black_box(123), "disabled"))));
    works.push(Box::new(|| ours.within(|| ())));
    let times = interleaved(&mut works);
    drop(works);

    let mut table = Table::new(&times);
    table.add_allocations(&contenders.each_ref().map(|contender| allocations(contender.work())));
    table.add_threads([throughput(&contenders[0], 1), throughput(&contenders[0], 4)]);
    table.add_queued_threads([throughput(&contenders[2], 1), throughput(&contenders[2], 4)]);
    table.print();
}
