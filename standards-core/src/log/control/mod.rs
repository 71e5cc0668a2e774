//! control

pub(in crate::log) mod filter;
pub(in crate::log) mod handle;
pub(in crate::log) mod levels;
pub(in crate::log) mod pipeline;
