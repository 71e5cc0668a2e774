//! What a profile may not say, though it is written well.

use super::{Critical, Dependency, DependencyKind, Layers, Profile};

impl Profile {
    /// The first that is wrong, by where it stands.
    pub(super) fn problem(&self) -> Option<String> {
        let attempts = self.atomic.as_ref().is_some_and(|atomic| !(1..=64).contains(&atomic.attempts));
        let path = self.wrong_path().or_else(|| attempts.then(|| "atomic.attempts: 1..=64".to_owned()));
        let variables = path.or_else(|| self.wrong_variable());
        let layers = variables.or_else(|| self.layers.as_ref().and_then(wrong_layer));
        let dependency = layers.or_else(|| self.dependency.iter().find_map(wrong_dependency));
        dependency.or_else(|| self.critical.iter().find_map(wrong_critical))
    }

    fn wrong_path(&self) -> Option<String> {
        let faults = self.fault.iter().flat_map(|fault| fault.also.iter().chain([&fault.path]).filter(|path| !path.is_empty()));
        let path = self.steps().map(|step| &step.path).chain(faults).find(|path| !path.starts_with('/'))?;
        Some(format!("path: {path}"))
    }

    /// Variables have names that a shell can set, and values that a process can be given.
    fn wrong_variable(&self) -> Option<String> {
        let of_config = self.config.iter().flat_map(|config| &config.env);
        let (name, _) = self.spawn.env.iter().chain(of_config).find(|(name, value)| !is_name(name) || value.contains('\0'))?;
        Some(format!("env: {name}"))
    }
}

/// Names that a language can have, each layer once, and nothing denied to one that is none.
fn wrong_layer(layers: &Layers) -> Option<String> {
    let order = &layers.order;
    let odd = order.iter().chain(layers.deny.values().flatten()).find(|name| !is_name(name));
    let twice = || order.iter().enumerate().find(|(at, name)| layers.at(name) != Some(*at)).map(|(_, name)| name);
    let unknown = || layers.deny.keys().find(|name| layers.at(name).is_none());
    let named = odd.or_else(twice).or_else(unknown).map(String::as_str);
    let few = || (!(2..=64).contains(&order.len())).then_some("order: 2..=64");
    named.or_else(few).map(|named| format!("layers: {named}"))
}

fn wrong_dependency(one: &Dependency) -> Option<String> {
    let lacks = one.kind == DependencyKind::Service && one.request.is_none();
    let wrong = lacks || !is_name(&one.variable) || !(200..600).contains(&one.status);
    wrong.then(|| format!("dependency: {}: variable, request, status", one.variable))
}

fn wrong_critical(one: &Critical) -> Option<String> {
    let wrong = one.tests.is_empty() || one.tests.iter().any(|text| text.trim().is_empty());
    wrong.then(|| format!("critical: {}: tests", one.operation))
}

/// Letters, digits and underscores, no digit first.
fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.len() <= 128 && name.starts_with(|first: char| plain(first) && !first.is_ascii_digit()) && name.chars().all(plain)
}
