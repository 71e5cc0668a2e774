//! The log of a check: the records of its requests, as the test kit has them.

use std::collections::BTreeSet;

use standards_core::CorrelationId;
use standards_core::log::capture::Capture;

use crate::conformance::lines::{Log, Splitter};
use crate::conformance::recorded::Recorded;

/// Has the log captured from now on, unless it is already.
pub(super) fn begin() {
    drop(Capture::of_process());
}

/// Reads what was written under the ids that were sent or answered. What has no request's id may be another test's, and is left out.
pub(super) fn read(recorded: &mut Recorded) {
    let (mut log, mut splitter) = (Log::default(), Splitter::default());
    for id in ids(recorded).iter().filter_map(|id| CorrelationId::parse(id)) {
        for line in Capture::of(&id).lines() {
            splitter.feed(line.as_bytes(), &mut log);
            splitter.end(&mut log);
        }
    }
    recorded.log = Some(log);
}

fn ids(recorded: &Recorded) -> BTreeSet<&str> {
    let answered = recorded.exchanges.iter().filter_map(|exchange| exchange.answer()?.header("x-correlation-id"));
    recorded.exchanges.iter().filter_map(|exchange| exchange.id.as_deref()).chain(answered).collect()
}
