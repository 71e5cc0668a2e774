//! A run: the target found or started, asked, and let go; what it answered and logged.

use std::time::Duration;

use standards_core::rules::Bilingual;
use time::OffsetDateTime;
use tokio::time::{Instant, sleep};

use super::client::Client;
use super::document::Document;
use super::exchange::{Exchange, Header, Request, Role};
use super::feed::Feed;
use super::outage::{Start, outages};
use super::probes::{Canaries, Probe, document_probe, plan};
use super::profile::Profile;
use super::progress::Progress;
use super::recorded::Recorded;
use super::session::Session;
use super::spawn::Spawned;
use super::starts;
use super::target::Target;
use super::text::both;

/// How long a service may take to come up.
const STARTUP: Duration = Duration::from_secs(60);
/// How often it is asked meanwhile.
const KNOCK: Duration = Duration::from_millis(50);

/// What a run needs to know.
#[derive(Debug)]
pub(super) struct Options {
    pub source: Source,
    pub profile: Option<Profile>,
    pub headers: Vec<Header>,
    pub logs: Option<Feed>,
    /// The path that answers once the service is up.
    pub ready: Option<String>,
    pub timeout: Duration,
    /// Sends nothing that writes.
    pub safe: bool,
    /// Whether the service is started in other ways too.
    pub starts: bool,
    /// Whether it is started once more, to take from it what it depends on.
    pub outages: bool,
    /// Whether another machine may be asked.
    pub allow_target: bool,
    /// Where a person sees how far it is.
    pub progress: Progress,
}

/// Where the service is.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Url(String),
    Spawn(String),
}

/// What a run came to, before it is judged.
#[derive(Debug)]
pub(super) struct Seen {
    pub recorded: Recorded,
    pub target: String,
    pub requests: u32,
    pub took: Duration,
    /// Whether the time was over before the end.
    pub late: bool,
}

/// Asks a service all there is to ask.
///
/// # Errors
///
/// A sentence, where there is no service to be asked.
pub(super) async fn run(options: &mut Options) -> Result<Seen, Bilingual> {
    let begun = Instant::now();
    let deadline = begun + options.timeout;
    let mut service = start(options)?;
    let target = match (&options.source, &service) {
        (Source::Url(url), _) => allowed(Target::parse(url)?, options.allow_target)?,
        (Source::Spawn(_), Some(service)) => service.target.clone(),
        (Source::Spawn(_), None) => return Err(both("No arrancó", "It did not start")),
    };
    let client = Client::new(target, deadline);
    if let Some(service) = &mut service {
        come_up(service, &client, &ready_path(options)).await?;
    }
    let mut recorded = ask(options, &client).await?;
    finish(options, service, &mut recorded, deadline).await;
    let more = take_away(options, &mut recorded, deadline).await;
    recorded.ended = OffsetDateTime::now_utc();
    let late = Instant::now() >= deadline;
    Ok(Seen { recorded, target: client.target.origin(), requests: client.sent() + more, took: begun.elapsed(), late })
}

/// All requests of the plan.
async fn ask(options: &Options, client: &Client) -> Result<Recorded, Bilingual> {
    let word = word();
    let mut session = Session::new(client, Recorded::new(&word, options.profile.clone()), options.headers.clone());
    let canaries = Canaries::new(&self::word());
    session.recorded.canaries = canaries.texts();
    session.progress = options.progress;
    reach(&mut session).await?;
    let Recorded { profile, document, run, .. } = &session.recorded;
    let mut probes = plan(profile, document.as_ref(), &canaries, run);
    probes.retain(|probe| !options.safe || probe.is_safe());
    session.send_all(&probes).await;
    session.recorded.forget_missing_faults();
    Ok(session.recorded)
}

/// Reads the document, by which it is also seen whether anybody is there.
async fn reach(session: &mut Session<'_>) -> Result<(), Bilingual> {
    session.send(&document_probe(&session.recorded.profile)).await;
    let Some(first) = session.recorded.exchanges.first() else { return Ok(()) };
    match &first.outcome {
        Ok(answer) => session.recorded.document = answer.json().and_then(Document::of),
        Err(_) => {
            let ready = Probe::new(Role::Ready, "OPS-02", "GET", session.recorded.profile.service.ready.clone());
            session.send(&ready).await;
            let last = session.recorded.exchanges.last().map(|exchange| &exchange.outcome);
            if let Some(Err(trouble)) = last {
                return Err(unreachable_at(&session.client.target, &trouble.summary()));
            }
        }
    }
    Ok(())
}

/// The document of a service that others ask, and how it was got; nothing where it has none in the usual places.
pub(super) async fn document_of(
    target: &Target,
    profile: Option<&Profile>,
) -> Result<(Option<Document>, Option<Exchange>), Bilingual> {
    let client = Client::new(target.clone(), Instant::now() + STARTUP);
    let usual = || vec!["/api/v1/openapi.json".to_owned(), "/openapi.json".to_owned()];
    for path in profile.map_or_else(usual, |profile| vec![profile.service.document()]) {
        let mut session = Session::new(&client, Recorded::new(&word(), None), Vec::new());
        session.send(&Probe::new(Role::Document, "API-07", "GET", path)).await;
        let Some(exchange) = session.recorded.exchanges.pop() else { continue };
        match &exchange.outcome {
            Err(trouble) => return Err(unreachable_at(target, &trouble.summary())),
            Ok(answer) => {
                let found = answer.json().and_then(Document::of);
                if found.is_some() {
                    return Ok((found, Some(exchange)));
                }
            }
        }
    }
    Ok((None, None))
}

/// The service's end, its log, and the starts that must go otherwise.
async fn finish(options: &mut Options, service: Option<Spawned>, recorded: &mut Recorded, deadline: Instant) {
    if let Some(service) = service {
        let (ended, log) = service.stop().await;
        recorded.stopped = Some(ended);
        recorded.log = Some(log);
    }
    if let Some(feed) = &mut options.logs {
        recorded.log = Some(feed.read().await);
    }
    if let Source::Spawn(command) = &options.source
        && options.starts
    {
        recorded.misconfigured = starts::misconfigured(command, &recorded.profile, deadline).await;
        recorded.quiet = starts::quiet(command, &recorded.profile, &ready_path(options), deadline).await;
    }
}

/// What the service does while something is away; how many requests that took.
async fn take_away(options: &Options, recorded: &mut Recorded, deadline: Instant) -> u32 {
    let Source::Spawn(command) = &options.source else { return 0 };
    if !options.outages || options.safe {
        return 0;
    }
    let ready = ready_path(options);
    let start = Start { command, headers: &options.headers, ready: &ready, deadline, progress: options.progress };
    let (seen, sent) = outages(&start, &recorded.profile).await;
    recorded.outages = seen;
    sent
}

fn start(options: &Options) -> Result<Option<Spawned>, Bilingual> {
    let Source::Spawn(command) = &options.source else { return Ok(None) };
    let variables = options.profile.as_ref().map(|profile| profile.spawn.env.clone()).unwrap_or_default();
    let started = Spawned::start(command, &variables, None);
    started.map(Some).map_err(|error| {
        both(format!("No se pudo arrancar el servicio: {error}"), format!("The service cannot be started: {error}"))
    })
}

/// Waits until the service answers.
pub(super) async fn come_up(service: &mut Spawned, client: &Client, ready: &str) -> Result<(), Bilingual> {
    let until = client.deadline.min(Instant::now() + STARTUP);
    let request = Request { method: "GET".to_owned(), path: ready.to_owned(), ..Request::default() };
    while Instant::now() < until {
        if let Some(status) = service.ended() {
            sleep(KNOCK).await;
            return Err(died(&status.to_string(), &service.log().tail()));
        }
        match client.send(&request).await {
            Ok(answer) if answer.status != 503 => return Ok(()),
            _ => sleep(KNOCK).await,
        }
    }
    let tail = service.log().tail();
    Err(both(
        format!("El servicio no respondió a tiempo en {ready}: {tail}"),
        format!("The service did not answer in time at {ready}: {tail}"),
    ))
}

fn died(status: &str, tail: &str) -> Bilingual {
    let status = super::text::clean(status);
    both(
        format!("El servicio terminó antes de responder ({status}): {tail}"),
        format!("The service ended before it answered ({status}): {tail}"),
    )
}

fn ready_path(options: &Options) -> String {
    let of_profile = || options.profile.as_ref().map(|profile| profile.service.ready.clone());
    options.ready.clone().or_else(of_profile).unwrap_or_else(|| "/health/ready".to_owned())
}

/// The target, if it may be asked: this machine, or another by permission.
pub(super) fn allowed(target: Target, allow: bool) -> Result<Target, Bilingual> {
    if allow || target.is_loopback() {
        return Ok(target);
    }
    let origin = target.origin();
    Err(both(
        format!(
            "{origin} no es esta máquina: repita con --allow-target si el servicio es suyo y puede recibir estas solicitudes"
        ),
        format!("{origin} is not this machine: repeat with --allow-target if the service is yours and may take these requests"),
    ))
}

fn unreachable_at(target: &Target, trouble: &str) -> Bilingual {
    let origin = target.origin();
    both(format!("No se pudo hablar HTTP con {origin}: {trouble}"), format!("No HTTP could be spoken with {origin}: {trouble}"))
}

/// A short word that no other run has.
pub(super) fn word() -> String {
    uuid::Uuid::new_v4().simple().to_string().chars().take(8).collect()
}
