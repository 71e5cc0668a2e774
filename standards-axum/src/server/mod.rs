//! Listen, serve and stop.
//!
//! The walk: `run` accepts connections from a `listener` until it is told to stop (by default a [`StopSignal`]), as many as the `limits` allow, each
//! in a task of its own. `security` has them speak TLS or leaves them plain (`transport`). `connection` has hyper read the requests from a
//! `stream`, which holds clients to their time (`patience`) and requests to their form (`framing`); an upgraded request takes the connection
//! along. `drain` closes what is open.

mod accept;
mod connection;
mod drain;
mod exchange;
mod framing;
mod limits;
mod listener;
mod notify;
mod patience;
mod security;
mod seldom;
mod signals;
mod stream;
mod transport;

#[cfg(test)]
mod tests;

pub(crate) use accept::{Front, run};
pub(crate) use drain::Shutdown;
pub(crate) use limits::Limits;
pub(crate) use listener::Listener;
pub(crate) use notify::{ready, stopping};
pub(crate) use security::Security;
#[cfg(feature = "tls")]
pub(crate) use security::{KeyPair, Tls};
pub use signals::StopSignal;
