//! Which records are written, and the way of those that are.
//!
//! The [`pipeline`] of the process holds the [`levels`] in force, the form of its lines and the sink. [`LevelFilters`] say what is
//! written, module by module; a [`LogHandle`] changes them while the process runs.
//!
//! 1. A source asks the pipeline whether the record's level is enabled for its target; most are decided by two numbers.
//! 2. The pipeline lends the source a draft, and hands the finished line to the sink.
//! 3. `tally` counts it for the place in the code that it comes from ([`LogHandle::places`]).
//! 4. In a debug build, `stray` tells of lines that lost their request.
//! 5. [`LogHandle::set_level`] changes the levels and tells `tracing` and the `log` crate, which remember what they were
//!    told before.

mod filter;
mod handle;
mod levels;
mod pipeline;
#[cfg(debug_assertions)]
mod stray;
mod tally;

pub use filter::{FilterError, LevelFilters};
pub(in crate::log) use handle::announce_to_log;
pub use handle::{LogHandle, handle};
pub(in crate::log) use pipeline::{Pipeline, Spans};
pub use tally::LoggedPlace;
