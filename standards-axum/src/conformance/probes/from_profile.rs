//! The cases of a profile.

use serde_json::{Value, json};

use super::{Body, Probe};
use crate::conformance::exchange::Role;
use crate::conformance::profile::{Amount, Profile};

/// What is made first, and the cases by kind.
pub(super) fn cases(profile: &Profile) -> Vec<Probe> {
    let mut probes: Vec<Probe> = profile.setup.iter().map(|step| Probe::step(Role::Setup, "API-01", step)).collect();
    let successes = profile.success.iter().enumerate();
    probes.extend(successes.map(|(at, case)| Probe::step(Role::Success(at), "API-01", &case.request)));
    let refusals = profile.refusal.iter().enumerate();
    probes.extend(refusals.map(|(at, case)| Probe::step(Role::Refusal(at), "ERR-01", &case.request)));
    let invalid = profile.invalid.iter().enumerate();
    probes.extend(invalid.map(|(at, case)| Probe::step(Role::Invalid(at), "VAL-01", &case.request)));
    probes.extend(profile.parameter.iter().map(|case| Probe::step(Role::BadParameter, "VAL-05", &case.request)));
    if let (Some(auth), Some(case)) = (&profile.auth, profile.success.first()) {
        let mut probe = Probe::step(Role::NoToken, "ERR-09", &case.request);
        probe.headers.retain(|header| !header.name.eq_ignore_ascii_case(&auth.header));
        (probe.token, probe.capture) = (false, std::collections::BTreeMap::new());
        probes.push(probe);
    }
    probes
}

/// Amounts that cannot be, and what is spent at once.
pub(super) fn money(profile: &Profile) -> Vec<Probe> {
    let mut probes: Vec<Probe> = profile.amount.iter().flat_map(amounts).collect();
    if let Some(atomic) = &profile.atomic {
        probes.push(Probe::step(Role::Atomic, "DB-01", &atomic.request).times(atomic.attempts));
        probes.push(Probe::step(Role::AtomicRead, "DB-01", &atomic.read));
    }
    probes
}

/// What fails on purpose, and a usual request after it.
pub(super) fn fault(profile: &Profile, plain: &str) -> Vec<Probe> {
    let Some(fault) = &profile.fault else { return Vec::new() };
    let method = fault.method.to_ascii_uppercase();
    let paths = [&fault.path].into_iter().chain(&fault.also);
    let broken = paths.map(|path| Probe::new(Role::Fault, "ERR-05", &method, path.clone()));
    broken.chain([Probe::new(Role::AfterFault, "ERR-05", "GET", plain)]).collect()
}

fn amounts(amount: &Amount) -> Vec<Probe> {
    let values = if amount.values.is_empty() { impossible() } else { amount.values.clone() };
    let each = values.into_iter().filter_map(|value| {
        let mut body = amount.request.body.clone()?;
        *body.pointer_mut(&amount.field)? = value;
        Some(Probe::step(Role::Amount, "VAL-06", &amount.request).with_body(Body::Json(body)))
    });
    each.collect()
}

/// Amounts that are none, or of no currency with two decimals up to 99999999.99.
fn impossible() -> Vec<Value> {
    let texts = ["0", "0.00", "-1.00", "-0.01", "100.505", "100000000.00", "NaN", "Infinity", "1e3", "", " ", "abc", "1,5"];
    let mut values: Vec<Value> = texts.into_iter().map(Value::from).collect();
    values.extend([json!(0), json!(-1), json!(null), json!(true), json!([]), json!({})]);
    values.push(Value::from(100.505));
    values
}
