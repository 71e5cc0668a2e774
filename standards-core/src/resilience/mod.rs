//! What to do about something else that fails: leave it alone for a while, or ask it again.
//!
//! A [`CircuitBreaker`] stands around the calls of one dependency. While most of them go well it is closed and costs next to nothing; when too many
//! fail, or are slow, it opens and refuses them at once, so that nobody waits for what will not come, and what is in trouble is left alone. After a
//! while it lets a few probes through, and their results decide. The rules are those of resilience4j.
//!
//! ```
//! use standards_core::Failure;
//! use standards_core::resilience::{CallError, CircuitBreaker, CircuitPolicy, State, Window};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let policy = CircuitPolicy::default().with_window(Window::Count(10)).with_minimum_calls(4);
//! let redis = CircuitBreaker::new("redis", policy);
//!
//! for _ in 0..4 {
//!     let refused = redis.call(async { Err::<(), _>(std::io::Error::other("connection refused")) }).await;
//!     assert!(matches!(refused, Err(CallError::Failed(_))));
//! }
//! assert_eq!(redis.state(), State::Open);
//!
//! let refused = redis.call(async { Ok::<_, std::io::Error>("nobody is asked") }).await.unwrap_err();
//! let CallError::NotPermitted(refused) = refused else { panic!("{refused}") };
//! let failure = Failure::from(refused);
//! assert_eq!((failure.status().as_u16(), failure.retry_after()), (503, Some(refused.retry_after())));
//! # });
//! ```
//!
//! # States
//!
//! | state | calls | ends |
//! |---|---|---|
//! | [`Closed`](State::Closed) | pass, and their results are kept in the [`Window`] | when of enough calls too many failed, or were slow: open |
//! | [`Open`](State::Open) | are refused | with the first call after [`with_wait`](CircuitPolicy::with_wait): half-open |
//! | [`HalfOpen`](State::HalfOpen) | so many probes pass, others are refused | when all probes have ended: closed, or open again |
//! | [`ForcedOpen`](State::ForcedOpen) | are refused | [by hand](CircuitBreaker::reset) |
//! | [`Disabled`](State::Disabled) | pass, and count nowhere | by hand |
//!
//! # What counts
//!
//! A call that fails, by its error or by a panic; one that took longer than [`with_slow_after`](CircuitPolicy::with_slow_after), however it ended. A call
//! whose caller does not wait for its end (its future is dropped) gives its permit back, but where it had been slow already it counts as slow: a
//! service whose callers always give up opens its breaker too. Results of calls that began before the last change of state count no more.
//!
//! # What is told
//!
//! Each change of state is one record (`circuit`, `from`, `to`, `calls`, `failure_rate`, `slow_rate`), at `WARNING` where the circuit opens, and is told to
//! each [observer](CircuitBreaker::with_observer): in order, once, and with no lock held. A refused call writes no record; [`CircuitBreaker::snapshot`] counts
//! it.
//!
//! # Once more
//!
//! [`Retry`] does again what failed for a moment and may be done twice, with pauses that are spread, within the time of the request at hand, and
//! within a [`RetryBudget`] of the target's. Around a breaker each attempt passes it; what it refuses is not worth another try.
//!
//! The walk of a call: `breaker.rs` asks `circuit.rs` for a pass, which looks at one number while the circuit is closed and asks the plain
//! `machine.rs` else; `permit.rs` tells the result, `machine.rs` judges by what `recent.rs` keeps, and `told.rs` tells what changed.

mod circuit;
mod retry;
mod sync;

pub use circuit::{
    CallError, CallTotals, CircuitBreaker, CircuitPolicy, NotPermitted, Permit, Snapshot, State, Transition, Watched, Window,
};
pub use retry::{Retry, RetryBudget, RetryPolicy};

#[cfg(test)]
mod tests;
