//! Listen, serve and stop.
//!
//! The walk: `run` accepts connections until it is told to stop (by default a [`StopSignal`]), each in a task of its own. `connection` has hyper read
//! its requests; an upgraded request takes the connection along. `drain` closes what is open.

mod accept;
mod connection;
mod drain;
mod signals;

#[cfg(test)]
mod tests;

pub(crate) use accept::run;
pub(crate) use drain::Shutdown;
pub use signals::StopSignal;
