//! Whoever speaks: `tracing`'s macros, the `log` crate, [`StructuredLogger`], a [`Record`] made by hand, a panic.
//!
//! Each turns what it was told into an origin, a message and fields, and has the pipeline at hand write it.

mod bridge;
mod logger;
mod panic;
mod record;
mod tracing;

pub(super) use bridge::Bridge;
pub use logger::{Context, ContextBuilder, LogContext, StructuredLogger};
pub(super) use panic::install_hook;
pub use record::Record;
pub use tracing::RecordLayer;
