//! Which requests are sent, as plain data: decided before the first of them goes out.

mod canaries;
pub(super) mod from_document;
mod from_profile;
mod general;

use std::collections::BTreeMap;

use serde_json::Value;

use super::document::Document;
use super::exchange::{Header, Role};
use super::profile::{Profile, Step};

pub(super) use canaries::Canaries;
pub(super) use general::document_probe;

/// A request to be sent, its names not yet filled in.
#[derive(Clone, Debug)]
pub(super) struct Probe {
    pub role: Role,
    /// The rule that it is sent for; it stands in its correlation id.
    pub rule: &'static str,
    pub method: String,
    pub path: String,
    pub headers: Vec<Header>,
    pub body: Body,
    pub id: Id,
    pub token: bool,
    /// How many are sent at once.
    pub times: usize,
    pub capture: BTreeMap<String, String>,
    pub private: Vec<String>,
}

/// What a request carries.
#[derive(Clone, Debug)]
pub(super) enum Body {
    None,
    Json(Value),
    /// Bytes, under a content type.
    Raw(&'static str, Vec<u8>),
}

/// The correlation id that it goes with.
#[derive(Clone, Debug)]
pub(super) enum Id {
    Own,
    None,
    Given(Vec<u8>),
}

impl Probe {
    pub(super) fn new(role: Role, rule: &'static str, method: &str, path: impl Into<String>) -> Self {
        Self {
            role,
            rule,
            method: method.to_owned(),
            path: path.into(),
            headers: Vec::new(),
            body: Body::None,
            id: Id::Own,
            token: true,
            times: 1,
            capture: BTreeMap::new(),
            private: Vec::new(),
        }
    }

    /// A step of the profile.
    pub(super) fn step(role: Role, rule: &'static str, step: &Step) -> Self {
        let mut probe = Self::new(role, rule, &step.method.to_ascii_uppercase(), step.path.clone());
        probe.headers = step.headers.iter().map(|(name, value)| Header::new(name, value.as_str())).collect();
        probe.body = step.body.clone().map_or(Body::None, Body::Json);
        probe.capture.clone_from(&step.capture);
        probe.private.clone_from(&step.private);
        probe
    }

    pub(super) fn with_body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    pub(super) fn with_header(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push(Header::new(name, value));
        self
    }

    pub(super) fn with_id(mut self, id: Id) -> Self {
        self.id = id;
        self
    }

    pub(super) const fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    /// Whether it can change nothing.
    pub(super) fn is_safe(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS") && !matches!(self.role, Role::Fault | Role::AfterFault)
    }
}

/// All requests of a run, in their order.
pub(super) fn plan(profile: &Profile, document: Option<&Document>, canaries: &Canaries, run: &str) -> Vec<Probe> {
    let entrances = Entrances::of(profile, document);
    let mut probes = from_profile::cases(profile);
    if let Some(document) = document {
        probes.extend(from_document::probes(profile, document));
    }
    probes.extend(general::probes(profile, &entrances, run));
    probes.extend(general::writing(&entrances));
    probes.extend(canaries.probes(profile, &entrances));
    probes.extend(from_profile::money(profile));
    probes.extend(from_profile::fault(profile, &entrances.plain));
    probes.push(general::parallel(&entrances));
    probes.extend(profile.cleanup.iter().map(|step| Probe::step(Role::Cleanup, "API-01", step)));
    probes
}

/// Two operations that general probes go to.
#[derive(Debug)]
pub(super) struct Entrances {
    /// A path that can be read.
    pub plain: String,
    /// Verb and path of an operation that takes a body.
    pub writing: Option<(String, String)>,
    /// A path and a verb that it has not.
    pub wrong_verb: Option<(String, String)>,
}

impl Entrances {
    fn of(profile: &Profile, document: Option<&Document>) -> Self {
        let steps = || profile.success.iter().map(|case| &case.request);
        let reads = steps().find(|step| step.method.eq_ignore_ascii_case("GET")).map(|step| step.path.clone());
        let writes = steps().find(|step| step.body.is_some()).map(|step| (step.method.to_ascii_uppercase(), step.path.clone()));
        let plain = reads.or_else(|| from_document::readable(document?).next().map(str::to_owned));
        let first = steps().next().map(|step| ("PATCH".to_owned(), step.path.clone()));
        Self {
            plain: plain.unwrap_or_else(|| profile.service.live.clone()),
            writing: writes.or_else(|| from_document::writable(document?)),
            wrong_verb: document.and_then(from_document::wrong_verb).or(first),
        }
    }
}
