//! What threads share by: the one place that the tests put another library's in, which tries their orders.

pub(super) use std::sync::atomic::{AtomicU64, Ordering};
pub(super) use std::sync::{Mutex, MutexGuard};
