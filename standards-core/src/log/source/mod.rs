//! Whoever speaks: each turns what it was told into an [`Origin`](super::line::draft::Origin), a message and fields, and hands them to the pipeline.

pub(in crate::log) mod bridge;
pub(in crate::log) mod logger;
pub(in crate::log) mod panic;
pub(in crate::log) mod record;
pub(in crate::log) mod tracing;
pub(in crate::log) mod visit;
