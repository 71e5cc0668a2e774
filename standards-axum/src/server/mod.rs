//! Listen, serve and stop.
//!
//! The walk: `run` accepts connections from a `listener` until it is told to stop (by default a [`StopSignal`]), as many as the `limits` allow, each
//! in a task of its own. `security` has them speak TLS or leaves them plain (`transport`). `connection` has hyper read the requests from a
//! `stream`, which holds clients to their time (`patience`) and requests to their form (`framing`); an upgraded request takes the connection
//! along. `drain` closes what is open.
//!
//! # How a connection lives
//!
//! 1. The `Door` (`accept`) waits for a place among `MAX_CONNECTIONS`, and only then accepts. What comes meanwhile waits in the kernel's backlog, and
//!    costs this process nothing.
//! 2. `Security` turns the socket into a `Transport`. A client that cannot agree on TLS in time is dropped without a word: there is no HTTP to say
//!    it in.
//! 3. `Stream::begun` waits for the client's first byte. Until then the connection has neither hyper's buffers nor its state.
//! 4. hyper reads from the `Stream`. Each head passes through `Framing` before hyper sees it; each thing that is awaited has its time in `Patience`.
//! 5. `answer` tells the `Exchange` how long the request's body is, and calls the service. The `Stream` gives hyper exactly that body, then the next
//!    head.
//! 6. hyper is polled when the client or the service has something for it, and not for a body that was taken whole (`waking`). Between two
//!    requests it stays, or, when there are more connections than are `at_ease`, leaves: the connection is at step 3 again.
//! 7. It ends with the client, with a time that has run out, with a head that is refused (400), or with the server's stop. Its `Place` is dropped
//!    with it, and the next one may come in.
//!
//! # How the server stops
//!
//! `run` sets `draining`, so that `/health/ready` says no, and goes on accepting: a load balancer has not heard yet. Every connection is
//! told to end with the request at hand, an idle one a `farewell` later. When the last of them has gone, and the last task that a request
//! has started, or when the grace period has passed, `run` returns.
//!
//! # Who decides about time
//!
//! | time | limit | whose it is |
//! |---|---|---|
//! | TLS handshake | 5 s | `security` |
//! | a request's head | `Limits::head` | `stream` |
//! | between two requests | `Limits::idle` | `stream` |
//! | a request's body, and the answer's head | `REQUEST_TIMEOUT_MS` | the deadline layer |
//! | an answer that nobody takes | `Limits::stall` | `transport` |
//! | an upgraded connection | none, but until the server stops | the task that took it |

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
mod waking;

#[cfg(test)]
mod tests;

pub(crate) use accept::{Front, run, tell_of_tasks_left};
pub(crate) use drain::Shutdown;
pub(crate) use limits::Limits;
pub(crate) use listener::Listener;
pub(crate) use notify::{Watchdog, ready, stopping};
pub(crate) use security::Security;
#[cfg(feature = "tls")]
pub(crate) use security::{KeyPair, Tls};
pub use signals::StopSignal;
pub(crate) use signals::end_the_process;
