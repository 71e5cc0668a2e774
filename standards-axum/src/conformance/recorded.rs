//! All that a run saw: what judges judge, and nothing else.

use std::time::Duration;

use time::OffsetDateTime;

use super::document::Document;
use super::exchange::{Answer, Exchange, Role};
use super::lines::Log;
use super::profile::{DependencyKind, Profile};
use super::spawn::Ended;

/// How a service was seen, by which is known what could not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// By requests, from outside.
    Asked,
    /// By requests, from within the test that made it.
    Inside,
    /// By the requests of others.
    Watched,
}

/// What was recorded.
#[derive(Debug)]
pub(super) struct Recorded {
    pub way: Way,
    /// The run's word in every correlation id.
    pub run: String,
    pub profile: Profile,
    pub has_profile: bool,
    pub has_token: bool,
    pub document: Option<Document>,
    pub exchanges: Vec<Exchange>,
    /// Whether the route that is said to fail was asked for, and is not there.
    pub fault_is_missing: bool,
    pub log: Option<Log>,
    /// Texts that no log may show.
    pub canaries: Vec<String>,
    pub started: OffsetDateTime,
    pub ended: OffsetDateTime,
    /// How the service stopped, where the checker started it.
    pub stopped: Option<Ended>,
    /// The start without what is required.
    pub misconfigured: Option<Misconfigured>,
    /// The log under `LOG_LEVEL=ERROR`.
    pub quiet: Option<Log>,
    /// What it did while something was away.
    pub outages: Vec<Outage>,
}

/// A start that must fail.
#[derive(Debug)]
pub(super) struct Misconfigured {
    /// Its status, where it ended by itself.
    pub code: Option<i32>,
    /// Whether it answered a request.
    pub served: bool,
    pub log: Log,
    /// The value of the secret variable.
    pub secret: Option<String>,
}

/// What was seen of one dependency.
#[derive(Debug)]
pub(super) struct Outage {
    pub kind: DependencyKind,
    /// What the readiness probe answered before, meanwhile, and after.
    pub ready: [Option<u16>; 3],
    pub usual: Vec<Timed>,
    pub during: Vec<Timed>,
    /// Of a played service: the ids of the requests that came, and whether calls stopped coming while it failed.
    pub ids: Vec<String>,
    pub gave_up: bool,
}

/// A request, what came of it, and when.
#[derive(Debug)]
pub(super) struct Timed {
    pub exchange: Exchange,
    pub took: Duration,
}

impl Recorded {
    /// Nothing yet.
    pub(super) fn new(run: &str, profile: Option<Profile>) -> Self {
        let now = OffsetDateTime::now_utc();
        Self {
            way: Way::Asked,
            run: run.to_owned(),
            has_profile: profile.is_some(),
            has_token: false,
            profile: profile.unwrap_or_default(),
            document: None,
            exchanges: Vec::new(),
            fault_is_missing: false,
            log: None,
            canaries: Vec::new(),
            started: now,
            ended: now,
            stopped: None,
            misconfigured: None,
            quiet: None,
            outages: Vec::new(),
        }
    }

    /// Nothing yet, of a service that others ask; of a profile only what it says of the whole service counts.
    pub(super) fn watched(profile: Option<Profile>, document: Option<Document>) -> Self {
        let (name, service) = profile.map(|profile| (profile.name, profile.service)).unwrap_or_default();
        let profile = Profile { name, service, ..Profile::default() };
        Self { way: Way::Watched, profile, document, has_token: true, ..Self::new("", None) }
    }

    /// A route that is said to fail and is not there shows nothing of failures; nor does what comes after none.
    pub(super) fn forget_missing_faults(&mut self) {
        let is_fault = |exchange: &Exchange| exchange.role == Role::Fault;
        let was_sent = self.exchanges.iter().any(is_fault);
        self.exchanges.iter_mut().filter(|one| is_fault(one) && one.status() == Some(404)).for_each(|one| one.role = Role::Seen);
        self.fault_is_missing = was_sent && !self.exchanges.iter().any(is_fault);
        let after = self.exchanges.iter_mut().filter(|one| one.role == Role::AfterFault);
        after.filter(|_| self.fault_is_missing).for_each(|one| one.role = Role::Seen);
    }

    /// The log that a rule is judged by, if there is one that shows it: a test captures records, and sees no output.
    pub(super) fn log_of(&self, rule: &str) -> Option<&Log> {
        let shown = self.way != Way::Inside || !["LOG-01", "LOG-06"].contains(&rule);
        self.log.as_ref().filter(|log| shown && !log.lines.is_empty())
    }

    /// The exchanges of a kind.
    pub(super) fn of(&self, wanted: impl Fn(Role) -> bool) -> impl Iterator<Item = &Exchange> {
        self.exchanges.iter().filter(move |exchange| exchange.shows(&wanted))
    }

    /// The same, without those that were refused for want of a token.
    pub(super) fn let_in(&self, wanted: impl Fn(Role) -> bool) -> impl Iterator<Item = &Exchange> {
        self.of(wanted).filter(|exchange| !matches!(exchange.status(), Some(401 | 403)))
    }

    /// The answers of the API.
    pub(super) fn api_answers(&self) -> impl Iterator<Item = (&Exchange, &Answer)> {
        self.of(Role::is_api).filter_map(|exchange| Some((exchange, exchange.answer()?)))
    }

    /// Whether somebody asked for a token that we do not have.
    pub(super) fn wants_token(&self) -> bool {
        !self.has_token && self.exchanges.iter().any(|exchange| exchange.status() == Some(401))
    }
}
