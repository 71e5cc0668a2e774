//! Listen, serve and stop.
//!
//! The walk: `run` accepts connections until it is told to stop (by default a [`StopSignal`]), each in a task of its own. `connection` has hyper read
//! its requests from a `stream`, which an upgraded request takes along; what was deferred meanwhile is done once the answer has been
//! written. `drain` closes what is open.

mod accept;
mod connection;
mod drain;
mod signals;
mod stream;

#[cfg(test)]
mod tests;

pub(crate) use accept::run;
pub(crate) use drain::Shutdown;
pub use signals::StopSignal;
