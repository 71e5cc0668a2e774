//! `check`: a router judged by the tests of the team that makes it.

#[cfg(feature = "testkit")]
mod captured;
mod conformance;
mod profile;
mod served;

use std::time::Duration;

use axum::Router;
use standards_core::Language;
use standards_core::rules::RuleLevel;
use time::OffsetDateTime;

use self::served::Served;
use super::engine::{self, Options, Source};
use super::judges::judge;
use super::profile::Profile as Described;
use super::progress::Progress;
use super::recorded::Way;
use super::report::{Circumstances, Report};
use super::verdict::{FailOn, exit};

pub use conformance::Conformance;
pub use profile::Profile;

/// What a check may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Judges a router as `standards-check run --profile` would, and prints the same report.
///
/// The router, or a [`Service`](crate::Service), is served on a free port of this machine as in production, asked some 150 requests, and let
/// go; the runtime is the test's own, whose clock must not be paused. What is obligatory is asserted by
/// [`assert_conforms`](Conformance::assert_conforms); everything else can be looked at.
///
/// With the feature `testkit` the records of its requests are judged too, as
/// [`Capture`](crate::core::log::capture::Capture) has them. Not seen in a test, and told as not tested: the process's output (LOG-01, LOG-06,
/// LOG-17), how it starts and stops, what a person reviews; without `testkit` all of the log. `standards-check run --spawn` sees those.
///
/// ```
/// use standards_axum::Service;
/// use standards_axum::conformance::check;
/// use standards_axum::core::settings::Environment;
/// use standards_axum::openapi::{ApiRouter, Operation};
/// use standards_axum::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let settings = Environment::default().settings().unwrap();
/// let saludos = ApiRouter::new().operation(Operation::get("/saludos", "saludar"), async || ok("hola"));
/// let service = Service::new(service_info!(), settings).api(saludos);
///
/// let profile = r#"
///     schema = 1
///     [[success]]
///     request = { method = "GET", path = "/api/v1/saludos" }
/// "#;
/// let conformance = check(service, profile).await;
/// conformance.assert_conforms();
/// assert_eq!(conformance.status("API-01"), Some("pass"));
/// # }
/// ```
///
/// # Panics
///
/// With a sentence, when the profile cannot be read, when the router answers nothing, and as the conversion into a router does.
pub async fn check(router: impl Into<Router>, profile: impl Into<Profile>) -> Conformance {
    let profile = profile.into().read().unwrap_or_else(|problem| refuse(&problem.es));
    let served = Served::start(router.into()).await;
    let mut options = options(served.url(), profile);
    let mut seen = engine::run(&mut options).await.unwrap_or_else(|problem| refuse(&problem.es));
    served.stop().await;
    seen.recorded.way = Way::Inside;
    #[cfg(feature = "testkit")]
    captured::read(&mut seen.recorded);
    seen.recorded.ended = OffsetDateTime::now_utc();
    concluded(&seen)
}

/// Everything that can be asked from outside.
fn options(url: String, profile: Option<Described>) -> Options {
    Options {
        source: Source::Url(url),
        profile,
        headers: Vec::new(),
        logs: None,
        ready: None,
        timeout: PATIENCE,
        safe: false,
        starts: false,
        outages: false,
        allow_target: false,
        progress: Progress::default(),
    }
}

/// The verdict, printed.
#[expect(clippy::print_stdout, reason = "a test shows its report where it fails")]
fn concluded(seen: &engine::Seen) -> Conformance {
    let judged = judge(&seen.recorded, |_| true);
    let exit = if seen.late { 2 } else { exit(&judged, FailOn::Level(RuleLevel::Must), false) };
    let conformance = Conformance(Report::of(judged, exit, &seen.recorded, &Circumstances::of(seen), Language::Es));
    print!("{conformance}");
    conformance
}

#[expect(clippy::panic, reason = "a test says what is wrong with it by failing")]
fn refuse<T>(sentence: &str) -> T {
    panic!("{sentence}")
}
