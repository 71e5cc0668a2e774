//! `run`: ask a service, and judge what it answers and logs.

use std::fmt::Write as _;
use std::time::Duration;

use clap::Args;
use http::{HeaderName, HeaderValue};
use standards_core::Language;
use standards_core::rules::Bilingual;
use tokio::signal::unix::{SignalKind, signal};

use super::output::{complain, read_profile, say};
use super::select::Chosen;
use super::{Ended, Judging};
use crate::conformance::engine::{self, Options, Seen, Source};
use crate::conformance::evidence::Asked;
use crate::conformance::exchange::Header;
use crate::conformance::feed::Feed;
use crate::conformance::outage::MOST;
use crate::conformance::probes::{Canaries, document_probe, plan};
use crate::conformance::profile::Profile;
use crate::conformance::progress::Progress;
use crate::conformance::report::Circumstances;
use crate::conformance::text::{both, clean};

#[derive(Debug, Args)]
pub(super) struct Run {
    /// The service's address, http://host:port.
    #[arg(long, conflicts_with = "spawn", required_unless_present = "spawn")]
    url: Option<String>,
    /// Start the service by this command (sh -c), with HOST and PORT set to a free address; it is ended after the run.
    #[arg(long, value_name = "CMD")]
    spawn: Option<String>,
    /// The path that answers once a started service is up [default: /health/ready, or the profile's].
    #[arg(long, value_name = "PATH", requires = "spawn")]
    ready: Option<String>,
    /// The log of a service that is not started here: a file that grows, or - for standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "spawn")]
    logs: Option<String>,
    /// What the service does (TOML).
    #[arg(long, value_name = "FILE")]
    profile: Option<String>,
    #[command(flatten)]
    judging: Judging,
    /// A command of yours (sh -c) whose status 0 says that a rule is kept which is not seen from outside: 'DB-02=bin migrate status'. Repeatable.
    #[arg(long, value_name = "RULE=CMD")]
    command: Vec<String>,
    /// Seconds for the whole run.
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
    /// A header of every request, 'Name: value'; never printed. Repeatable.
    #[arg(long, value_name = "NAME: VALUE")]
    header: Vec<String>,
    /// Print what would be sent, and send nothing.
    #[arg(long)]
    dry_run: bool,
    /// Send nothing that writes.
    #[arg(long)]
    safe: bool,
    /// Let the target be another machine.
    #[arg(long)]
    allow_target: bool,
}

impl Run {
    pub(super) async fn run(self, language: Language) -> Ended {
        let mut options = self.options()?;
        let mut chosen = self.judging.choose(options.profile.as_ref())?;
        (options.starts, options.outages) = (chosen.wants_starts(), chosen.wants_outages());
        let commands = self.command.iter().map(|command| Asked::parse(command)).collect::<Result<Vec<_>, _>>()?;
        if self.dry_run {
            return say(planned(&options, &commands).of(language));
        }
        // What is dropped here ends the service that it started.
        let seen = tokio::select! {
            seen = ask(&mut options, &commands, &mut chosen) => seen?,
            () = interruption() => return Err(both("interrumpido: el servicio arrancado se terminó", "interrupted: the started service was ended")),
        };
        if seen.late {
            complain(out_of_time().of(language));
        }
        self.judging.conclude(chosen, &seen.recorded, &Circumstances::of(&seen), language)
    }

    fn options(&self) -> Result<Options, Bilingual> {
        let source = match (&self.url, &self.spawn) {
            (Some(url), _) => Source::Url(url.clone()),
            (None, Some(command)) => Source::Spawn(command.clone()),
            (None, None) => return Err(both("Falta --url o --spawn", "--url or --spawn is missing")),
        };
        let profile = self.profile.as_deref().map(read_profile).transpose()?;
        Ok(Options {
            source,
            profile,
            headers: self.header.iter().map(|header| header_of(header)).collect::<Result<_, _>>()?,
            logs: self.logs.as_deref().filter(|_| !self.dry_run).map(Feed::open).transpose()?,
            ready: self.ready.clone(),
            timeout: Duration::from_secs(self.timeout),
            safe: self.safe,
            starts: true,
            outages: true,
            allow_target: self.allow_target,
            progress: Progress::at_terminal(),
        })
    }
}

/// The service, and then the commands, whose environment is its own.
async fn ask(options: &mut Options, commands: &[Asked], chosen: &mut Chosen) -> Result<Seen, Bilingual> {
    let seen = engine::run(options).await;
    options.progress.clear();
    let seen = seen?;
    for command in commands {
        chosen.hear(command.run(&seen.recorded.profile.spawn.env).await);
    }
    Ok(seen)
}

/// Resolves when the process is told to stop; from now on that does not end it at once.
pub(super) fn interruption() -> impl Future<Output = ()> {
    let signals = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
    async move {
        match signals {
            [Ok(mut interrupt), Ok(mut terminate)] => {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
            }
            _ => std::future::pending().await,
        }
    }
}

fn out_of_time() -> Bilingual {
    both("se acabó el tiempo (--timeout): lo que falta no se probó", "time is over (--timeout): what is missing was not tested")
}

/// A header; what is wrong is told without its value.
fn header_of(text: &str) -> Result<Header, Bilingual> {
    let (name, value) = text.split_once(':').unwrap_or((text, ""));
    let right = HeaderName::from_bytes(name.trim().as_bytes()).is_ok() && HeaderValue::from_str(value.trim()).is_ok();
    if !right || value.trim().is_empty() {
        let name = clean(name);
        return Err(both(
            format!("--header «{name}» no es de la forma 'Nombre: valor'"),
            format!("--header {name:?} is not of the form 'Name: value'"),
        ));
    }
    Ok(Header { secret: true, ..Header::new(name.trim(), value.trim()) })
}

/// Beside the requests of the plan: dependencies (`~`) that are taken away from a start of its own, each with the most that it takes, and
/// commands (`$`).
fn besides(options: &Options, profile: &Profile, commands: &[Asked]) -> String {
    let takes_away = matches!(options.source, Source::Spawn(_)) && options.outages && !options.safe;
    let dependencies = profile.dependency.iter().filter(|_| takes_away);
    let away = dependencies.map(|dependency| format!("~ {}   <= {MOST}\n", clean(&dependency.variable)));
    away.chain(commands.iter().map(|command| format!("$ {}\n", command.shown()))).collect()
}

/// The requests of a run, one a line; those that only the OpenAPI document lets one guess are not among them.
fn planned(options: &Options, commands: &[Asked]) -> Bilingual {
    let profile = options.profile.clone().unwrap_or_default();
    let mut probes = vec![document_probe(&profile)];
    probes.extend(plan(&profile, None, &Canaries::new("…"), "…"));
    probes.retain(|probe| !options.safe || probe.is_safe());
    let (mut list, mut count) = (String::new(), 0);
    for probe in &probes {
        count += probe.times;
        let times = if probe.times > 1 { format!(" × {}", probe.times) } else { String::new() };
        let _ = writeln!(list, "{:<7} {}{times}   {}", probe.method, clean(&probe.path), probe.rule);
    }
    list.push_str(&besides(options, &profile, commands));
    both(
        format!(
            "{list}{count} solicitudes, una tras otra salvo las marcadas ×, y hasta 40 más según el documento OpenAPI. No se envió nada.\n"
        ),
        format!(
            "{list}{count} requests, one after the other but for those marked ×, and up to 40 more by the OpenAPI document. Nothing was sent.\n"
        ),
    )
}
