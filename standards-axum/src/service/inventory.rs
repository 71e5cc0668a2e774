//! What stands around a service, for whoever operates or checks it.

use serde::Serialize;

use super::StandardsLayer;
use crate::layers::{Exemption, exempted_by_layer};

/// A layer of the standard, and how it is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LayerEntry {
    /// What it is called.
    pub name: &'static str,
    /// What is set otherwise than for every service: the exemptions from the envelope, each by its name.
    ///
    /// `path /app` of a path, `layer src/app.rs:7: reason` of a layer that marks its answers.
    pub exemptions: Vec<String>,
}

impl LayerEntry {
    const fn plain(name: &'static str) -> Self {
        Self { name, exemptions: Vec::new() }
    }
}

impl StandardsLayer {
    /// The layers that are switched on, from the outside in.
    ///
    /// Beside the exemptions that the envelope was told it names those of [`exempt`](crate::layers::exempt) layers, wherever in this
    /// process they stand; what a handler marks with [`Exempt`](crate::layers::Exempt) is seen in its access record.
    ///
    /// ```
    /// use standards_axum::StandardsLayer;
    /// use standards_axum::layers::{EnvelopeLayer, Exemption};
    ///
    /// let layer = StandardsLayer::new().with_envelope(EnvelopeLayer::new().exempting(Exemption::path("/app")));
    /// let inventory = layer.inventory();
    /// let names: Vec<_> = inventory.iter().map(|layer| layer.name).collect();
    /// assert_eq!(names, ["nosniff", "correlation", "access_log", "envelope", "framing", "catch_panic"]);
    /// assert_eq!(inventory[3].exemptions, ["path /app"]);
    /// ```
    #[must_use]
    pub fn inventory(&self) -> Vec<LayerEntry> {
        let on = |is_on: bool, name| is_on.then(|| LayerEntry::plain(name));
        let outer = ["nosniff", "correlation", "access_log"].map(LayerEntry::plain);
        let envelope = self.envelope.is_on().then(|| LayerEntry { name: "envelope", exemptions: self.exemptions() });
        let (cors, admission) = (on(self.cors.is_some(), "cors"), on(self.admission.is_some(), "admission"));
        let proxies = on(self.entrance.proxies.is_some(), "trusted_proxies");
        let rate_limit = on(self.entrance.rate_limit.is_some(), "rate_limit");
        let deadline = on(self.deadline.is_limited(), "deadline");
        let entrance = [on(true, "framing"), proxies, rate_limit, admission];
        let inner = entrance.into_iter().chain([on(true, "catch_panic"), deadline]).flatten();
        outer.into_iter().chain(cors).chain(envelope).chain(inner).collect()
    }

    fn exemptions(&self) -> Vec<String> {
        let told = self.envelope.exemptions().iter().map(|exemption| Exemption::name(exemption).to_owned());
        let marked = exempted_by_layer().into_iter().map(|(reason, line)| format!("layer {line}: {reason}"));
        told.chain(marked).collect()
    }
}
