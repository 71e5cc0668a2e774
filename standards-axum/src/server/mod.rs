//! Listen, serve and stop.
//!
//! The walk: `run` accepts connections until it is told to stop (`stop_signal`), each in a task of its own. `connection` has hyper read
//! its requests; what was deferred meanwhile is done once the answer has been written. `drain` closes what is open.

mod accept;
mod connection;
mod drain;
mod signals;

#[cfg(test)]
mod tests;

pub(crate) use accept::run;
pub(crate) use drain::Shutdown;
pub(crate) use signals::stop_signal;
