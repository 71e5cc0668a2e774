//! Which records are written, and the way of those that are.
//!
//! The [`pipeline`] of the process holds the [`levels`] in force, the form of its lines and the sink. [`LevelFilters`] say what is
//! written, module by module; a [`LogHandle`] changes them while the process runs.

mod filter;
mod handle;
mod levels;
mod pipeline;

pub use filter::{FilterError, LevelFilters};
pub(in crate::log) use handle::announce_to_log;
pub use handle::{LogHandle, handle};
pub(in crate::log) use pipeline::Pipeline;
