//! The layers of the standard, each usable alone.

pub(crate) mod access_log;
pub(crate) mod body;
pub(crate) mod body_limit;
pub(crate) mod catch_panic;
pub(crate) mod correlation;
pub(crate) mod deadline;
pub(crate) mod envelope;
pub(crate) mod framing;
pub(crate) mod preflight;
pub(crate) mod route;

pub(crate) use body_limit::BodyLimit;
pub use body_limit::{BodyLimitLayer, BodyLimited, DEFAULT_MAX_BODY_BYTES};
