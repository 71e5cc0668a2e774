//! Whoever speaks: `tracing`'s macros, the `log` crate, [`StructuredLogger`], a [`Record`] made by hand, a panic.
//!
//! Each turns what it was told into an origin, a message and fields, and has the pipeline at hand write it.
//!
//! 1. `tracing`: the macros of the service and of its libraries arrive as events of [`RecordLayer`].
//! 2. `bridge`: what libraries say through the `log` crate; `bridged`, where it comes through `tracing-log`.
//! 3. `logger` and `record`: the guideline's [`StructuredLogger`], which makes a [`Record`] whose fields are known at run time;
//!    `writer`: fields that are written as they are told.
//! 4. `panic`: the hook makes an ERROR of a panic.
//! 5. `spans`: what the spans around a record tell of it: whose it is, and the fields of the service's own.
//! 6. `elsewhere`: what 3 and 4 say in a process whose subscriber has no layer of ours.

mod bridge;
mod bridged;
mod elsewhere;
mod logger;
mod panic;
mod record;
mod spans;
mod tracing;
mod writer;

pub(super) use bridge::Bridge;
pub use elsewhere::masked;
pub use logger::{Context, ContextBuilder, LogContext, StructuredLogger};
pub(super) use panic::install_hook;
pub use panic::install_panic_hook;
pub use record::Record;
pub use tracing::{RecordFilter, RecordLayer};
pub use writer::FieldWriter;
