//! In a build without a client: nobody is called.

use std::sync::Arc;

use prometheus_client::registry::Registry;

#[derive(Default)]
pub(super) struct Calls;

impl Calls {
    pub(super) fn register(self: Arc<Self>, _: &mut Registry) {}

    pub(super) const fn tell_an_example(&self) {}
}
