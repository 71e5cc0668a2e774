//! What a service does when what it depends on is away.
//!
//! The profile names dependencies by the variable that says where they are. Such a service is started once more, with addresses of the
//! checker's own in these variables: a proxy before a database or a cache (`proxy`), or the other service itself, played (`upstream`).
//! Each is then taken away and given back while requests come.

mod address;
mod proxy;
mod upstream;

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use self::address::Address;
use self::proxy::Proxy;
use self::upstream::Upstream;
use super::client::Client;
use super::engine::{come_up, word};
use super::exchange::{Header, Role};
use super::probes::Probe;
use super::profile::{Dependency, DependencyKind, Profile, Step};
use super::progress::Progress;
use super::recorded::{Outage, Recorded, Timed};
use super::session::Session;
use super::spawn::Spawned;

/// How long a probe may take to tell that something is away, or back.
const NOTICED: Duration = Duration::from_secs(10);
/// Between looks at it.
const LOOK: Duration = Duration::from_millis(100);
/// How many requests one dependency takes at most, the looks of a probe included.
pub(super) const MOST: usize = CALLS + 3 * 100 + 50;
/// How many requests are sent at most until a breaker opens, and how many in a row tell that it has.
const CALLS: usize = 150;
const OPEN: usize = 10;

/// What stands in a dependency's place.
#[derive(Debug)]
enum Front {
    Proxy(Proxy),
    Upstream(Upstream),
}

/// How the service is started and asked.
#[derive(Debug)]
pub(super) struct Start<'a> {
    pub command: &'a str,
    pub headers: &'a [Header],
    /// The path that answers once it is up.
    pub ready: &'a str,
    pub deadline: Instant,
    pub progress: Progress,
}

/// Starts the service behind fronts, and takes one dependency after the other away; what was seen, and how many requests it took.
pub(super) async fn outages(start: &Start<'_>, profile: &Profile) -> (Vec<Outage>, u32) {
    let mut variables = profile.spawn.env.clone();
    let fronts = fronts(profile, &mut variables).await;
    if fronts.is_empty() || Instant::now() >= start.deadline {
        return (Vec::new(), 0);
    }
    let Ok(mut service) = Spawned::start(start.command, &variables, None) else { return (Vec::new(), 0) };
    let (client, mut seen) = (Client::new(service.target.clone(), start.deadline), Vec::new());
    if come_up(&mut service, &client, start.ready).await.is_ok() {
        let recorded = Recorded::new(&word(), Some(profile.clone()));
        let mut stage = Stage { session: Session::new(&client, recorded, start.headers.to_vec()), ready: start.ready };
        stage.prepare(profile).await;
        for (dependency, front) in &fronts {
            start.progress.tell_away(&dependency.variable);
            seen.push(stage.take_away(dependency, front, profile).await);
        }
    }
    service.stop().await;
    (seen, client.sent())
}

/// What stands before each dependency that has an address, which is the one in its variable from now on.
async fn fronts<'a>(profile: &'a Profile, variables: &mut BTreeMap<String, String>) -> Vec<(&'a Dependency, Front)> {
    let mut fronts = Vec::new();
    for dependency in &profile.dependency {
        let value = variables.get(&dependency.variable).cloned().or_else(|| std::env::var(&dependency.variable).ok());
        if let Some((front, value)) = stand_before(dependency, value.as_deref()).await {
            variables.insert(dependency.variable.clone(), value);
            fronts.push((dependency, front));
        }
    }
    fronts
}

/// The front, and what the variable says instead; nothing where the dependency has no address in this run.
async fn stand_before(dependency: &Dependency, value: Option<&str>) -> Option<(Front, String)> {
    if dependency.kind == DependencyKind::Service {
        let upstream = Upstream::start(dependency.status, dependency.body.clone()).await.ok()?;
        let url = upstream.url();
        return Some((Front::Upstream(upstream), url));
    }
    let value = value?;
    let address = Address::of(value)?;
    let proxy = Proxy::start(&address.host, address.port).await.ok()?;
    let moved = address.moved(value, proxy.port());
    Some((Front::Proxy(proxy), moved))
}

/// The service while its dependencies come and go.
struct Stage<'a> {
    session: Session<'a>,
    ready: &'a str,
}

impl Stage<'_> {
    /// What later requests speak of.
    async fn prepare(&mut self, profile: &Profile) {
        let steps = profile.setup.iter().chain(profile.success.iter().map(|case| &case.request));
        for step in steps {
            self.send(step).await;
        }
    }

    async fn take_away(&mut self, dependency: &Dependency, front: &Front, profile: &Profile) -> Outage {
        let mut outage = Outage {
            kind: dependency.kind,
            ready: [None; 3],
            usual: Vec::new(),
            during: Vec::new(),
            ids: Vec::new(),
            gave_up: false,
        };
        outage.ready[0] = self.ready_is(|status| status == 200).await;
        match front {
            Front::Proxy(proxy) => self.stop(dependency, proxy, profile, &mut outage).await,
            Front::Upstream(upstream) => self.fail(dependency, upstream, &mut outage).await,
        }
        outage
    }

    /// A database or a cache.
    async fn stop(&mut self, dependency: &Dependency, proxy: &Proxy, profile: &Profile, outage: &mut Outage) {
        let is_database = dependency.kind == DependencyKind::Database;
        let steps: Vec<Step> = if is_database { needing(dependency, profile) } else { reads(profile) };
        if !is_database {
            outage.usual = self.send_all(&steps).await;
        }
        proxy.stop();
        if is_database {
            outage.ready[1] = self.ready_is(|status| status == 503).await;
        }
        outage.during = self.send_all(&steps).await;
        proxy.resume();
        outage.ready[2] = self.ready_is(|status| status == 200).await;
    }

    /// Another service: asked once as usual, then again and again while it fails.
    async fn fail(&mut self, dependency: &Dependency, upstream: &Upstream, outage: &mut Outage) {
        let Some(step) = &dependency.request else { return };
        outage.usual = self.send_all(std::slice::from_ref(step)).await;
        outage.ids = upstream.ids();
        upstream.fail();
        let mut in_a_row = 0;
        while in_a_row < OPEN && outage.during.len() < CALLS && Instant::now() < self.session.client.deadline {
            let before = upstream.count();
            outage.during.extend(self.send(step).await);
            in_a_row = if upstream.count() == before { in_a_row + 1 } else { 0 };
        }
        outage.gave_up = in_a_row >= OPEN;
        upstream.recover();
    }

    async fn send_all(&mut self, steps: &[Step]) -> Vec<Timed> {
        let mut sent = Vec::new();
        for step in steps {
            sent.extend(self.send(step).await);
        }
        sent
    }

    async fn send(&mut self, step: &Step) -> Option<Timed> {
        let begun = Instant::now();
        self.session.send_all(&[Probe::step(Role::Seen, "ERR-08", step)]).await;
        Some(Timed { exchange: self.session.recorded.exchanges.pop()?, took: begun.elapsed() })
    }

    /// The last that the probe answered, until it is what is waited for; at once where there is no such probe.
    async fn ready_is(&mut self, wanted: impl Fn(u16) -> bool) -> Option<u16> {
        let until = Instant::now() + NOTICED;
        loop {
            self.session.send(&Probe::new(Role::Ready, "OPS-02", "GET", self.ready)).await;
            let status = self.session.recorded.exchanges.pop().and_then(|exchange| exchange.status());
            if status.is_some_and(&wanted) || status == Some(404) || Instant::now() >= until {
                return status;
            }
            sleep(LOOK).await;
        }
    }
}

/// What cannot be done without the database: the profile's request, or the first case that writes.
fn needing(dependency: &Dependency, profile: &Profile) -> Vec<Step> {
    let cases = || profile.success.iter().map(|case| &case.request);
    let writing = || cases().find(|step| !step.method.eq_ignore_ascii_case("GET"));
    dependency.request.as_ref().or_else(writing).or_else(|| cases().next()).cloned().into_iter().collect()
}

/// Cases that read.
fn reads(profile: &Profile) -> Vec<Step> {
    let cases = profile.success.iter().map(|case| &case.request);
    cases.filter(|step| step.method.eq_ignore_ascii_case("GET")).cloned().collect()
}
