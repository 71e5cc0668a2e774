//! In a build without spans: a batch is only decided.

use super::order::Order;

pub(super) struct BatchSpan;

impl BatchSpan {
    pub(super) const fn begin(_: &[Order], _: &'static str) -> Self {
        Self
    }

    pub(super) fn around<F: Future>(self, decision: F) -> F {
        decision
    }
}
