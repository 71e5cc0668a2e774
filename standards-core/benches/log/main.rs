//! What a record costs, beside its peers, all in one run: `cargo bench -p standards-core --bench log`.
//!
//! The guideline's sample event inside a request; every contender writes the same facts as JSON into a sink that discards them.
//! Rounds alternate between the contenders, and the medians are compared with the targets of the log's issue.
//!
//! `-- --check FILE` measures without the threads, compares the rows with the bounds of a file, and ends with status 1 where one is
//! missed twice: on a machine that others use too, once may be chance.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a measurement that cannot go on stops")]

mod bounds;
mod contenders;
mod floor;
mod measure;
mod payment;
mod table;
#[path = "../turns/mod.rs"]
mod turns;

use std::hint::black_box;
use std::process::ExitCode;

use standards_core::log::Redaction;
use tracing::debug;

use bounds::Bounds;
use contenders::{Contender, EVENTS};
use measure::{allocations, throughput};
use table::Table;
use turns::interleaved;

fn main() -> ExitCode {
    let contenders = [
        Contender::ours(),
        Contender::ours_with(Redaction::none()),
        Contender::ours_queued(),
        Contender::fmt_json(),
        Contender::json_subscriber(),
        Contender::bunyan(),
    ];
    if let Some(file) = bounds::file_asked_for() {
        return check(&contenders, &Bounds::read(&file));
    }
    let mut table = measured(&contenders);
    table.add_threads([throughput(&contenders[0], 1), throughput(&contenders[0], 4)]);
    table.add_queued_threads([throughput(&contenders[2], 1), throughput(&contenders[2], 4)]);
    table.print();
    ExitCode::SUCCESS
}

/// Times and allocations of one event.
fn measured(contenders: &[Contender; 6]) -> Table {
    let ours = &contenders[0];
    let mut works: Vec<Box<dyn FnMut() + '_>> = contenders.iter().map(Contender::work).collect();
    works.push(Box::new(floor::work()));
    works.push(Box::new(|| ours.within(|| debug!(cliente_id = black_box(123), "disabled"))));
    works.push(Box::new(|| ours.within(|| ())));
    let mut table = Table::new(interleaved(&mut works, EVENTS));
    table.add_allocations(&contenders.each_ref().map(|contender| allocations(contender.work())));
    table.add_payment(payment::bytes());
    table
}

fn check(contenders: &[Contender; 6], bounds: &Bounds) -> ExitCode {
    for _ in 0..2 {
        let mut table = measured(contenders);
        let missed = bounds.missed(table.rows());
        missed.iter().for_each(|problem| table.note(problem));
        table.print();
        if missed.is_empty() {
            return ExitCode::SUCCESS;
        }
    }
    ExitCode::FAILURE
}
