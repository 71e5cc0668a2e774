//! line

pub(in crate::log) mod clock;
pub(in crate::log) mod draft;
pub(in crate::log) mod ecs;
pub(crate) mod error_text;
pub(in crate::log) mod escape;
pub(in crate::log) mod fields;
pub(in crate::log) mod format;
pub(in crate::log) mod identity;
pub(in crate::log) mod json;
pub(in crate::log) mod parts;
pub(in crate::log) mod pretty;
pub(in crate::log) mod schema;
pub(in crate::log) mod scratch;
pub(in crate::log) mod write;
