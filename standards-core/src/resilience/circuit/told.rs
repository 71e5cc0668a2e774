//! What is told of a change of state, with no lock held.

use super::state::{State, Transition};
use crate::caught::catch_panic;
use crate::level::LogLevel;
use crate::log::Record;

/// Is told each change of state.
pub(super) type Observer = dyn Fn(&Transition) + Send + Sync;

/// Writes the record.
pub(super) fn log(change: &Transition) {
    let level = if change.to == State::Open { LogLevel::Warning } else { LogLevel::Info };
    let record = Record::new(level, sentence(change.to)).target("standards::resilience").field("circuit", change.name);
    let record = record.field("from", change.from.as_str()).field("to", change.to.as_str()).field("calls", change.calls);
    let rates = [("failure_rate", change.failure_rate), ("slow_rate", change.slow_rate)];
    record.fields(rates.into_iter().filter_map(|(name, rate)| Some((name, rate?)))).emit();
}

const fn sentence(to: State) -> &'static str {
    match to {
        State::Closed => "Cortacircuitos cerrado",
        State::Open => "Cortacircuitos abierto",
        State::HalfOpen => "Cortacircuitos a prueba",
        State::ForcedOpen => "Cortacircuitos abierto a mano",
        State::Disabled => "Cortacircuitos desactivado",
    }
}

/// Tells an observer; one that panics harms neither the call nor the next observer.
pub(super) fn tell(observer: &Observer, change: &Transition) {
    if let Err(panic) = catch_panic(|| observer(change)) {
        Record::new(LogLevel::Error, panic.message()).target("standards::resilience").failure(&panic).emit();
    }
}
