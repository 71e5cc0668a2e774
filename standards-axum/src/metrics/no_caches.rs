//! In a build without caches: nothing is kept.

use std::sync::Arc;

use prometheus_client::registry::Registry;

#[derive(Default)]
pub(super) struct Caches;

impl Caches {
    pub(super) fn register(self: Arc<Self>, _: &mut Registry) {}

    pub(super) const fn tell_an_example(&self) {}
}
