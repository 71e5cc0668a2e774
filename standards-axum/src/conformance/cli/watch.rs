//! `watch`: what passes between clients and a service, judged.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use standards_core::Language;
use standards_core::rules::Bilingual;
use tokio::net::TcpListener;
use tokio::time::sleep;

use super::known::{Known, Read};
use super::output::complain;
use super::run::interruption;
use super::select::Chosen;
use super::{Ended, Judging};
use crate::conformance::engine::{allowed, document_of};
use crate::conformance::recorded::Recorded;
use crate::conformance::report::Circumstances;
use crate::conformance::target::Target;
use crate::conformance::text::both;
use crate::conformance::watch::{Court, Watch as Watching, open, serve};

#[derive(Debug, Args)]
pub(super) struct Watch {
    /// Where clients come: address and port; port 0 takes a free one, which is told.
    #[arg(long, value_name = "ADDR")]
    listen: SocketAddr,
    /// The service, http://host:port.
    #[arg(long, value_name = "URL")]
    target: String,
    /// Seconds until the end; without it SIGINT or SIGTERM ends it.
    #[arg(long = "for", value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=604_800))]
    seconds: Option<u64>,
    #[command(flatten)]
    known: Known,
    /// Let the target be another machine.
    #[arg(long)]
    allow_target: bool,
    #[command(flatten)]
    judging: Judging,
}

impl Watch {
    pub(super) async fn run(self, language: Language) -> Ended {
        let begun = Instant::now();
        let chosen = self.judging.choose(None)?;
        let target = allowed(Target::parse(&self.target)?, self.allow_target)?;
        let origin = target.origin();
        let court = self.court(&target, &chosen).await?;
        let court = self.sit(court, target, language).await?;
        if court.seen == 0 {
            return Err(both("No pasó ninguna respuesta: no hay nada que juzgar", "No answer passed: there is nothing to judge"));
        }
        let (target, duration_ms) = (Some(origin), begun.elapsed().as_millis());
        let seen = Circumstances { target, requests: court.seen, duration_ms, late: false };
        self.judging.conclude_judged(chosen, court.judged, &court.recorded, &seen, language)
    }

    /// Hands on and judges until the end.
    async fn sit(&self, court: Court, target: Target, language: Language) -> Result<Court, Bilingual> {
        let origin = target.origin();
        let listener = TcpListener::bind(self.listen).await.map_err(|error| deaf(self.listen, &error))?;
        let address = listener.local_addr().map_err(|error| deaf(self.listen, &error))?;
        let (sender, thread) = open(court).map_err(|error| both(error.to_string(), error.to_string()))?;
        let (watching, interruption) = (Arc::new(Watching::new(target, sender)), interruption());
        complain(listening(address, &origin).of(language));
        serve(listener, &watching, self.end(interruption)).await;
        if watching.unjudged() > 0 {
            complain(unjudged(watching.unjudged()).of(language));
        }
        thread.join().map_err(|_| both("El juicio no terminó", "Judging did not end"))
    }

    /// What is known before anything passes.
    async fn court(&self, target: &Target, chosen: &Chosen) -> Result<Court, Bilingual> {
        let Read { base, profile, document } = self.known.read()?;
        let (document, asked) = match document {
            Some(document) => (Some(document), None),
            None => document_of(target, profile.as_ref()).await?,
        };
        let mut recorded = Recorded::watched(profile, document);
        recorded.exchanges.extend(asked);
        Ok(Court::new(recorded, base, target.origin(), chosen.wanted()))
    }

    async fn end(&self, interruption: impl Future<Output = ()>) {
        let Some(seconds) = self.seconds else { return interruption.await };
        tokio::select! {
            () = interruption => {}
            () = sleep(Duration::from_secs(seconds)) => {}
        }
    }
}

fn listening(address: SocketAddr, origin: &str) -> Bilingual {
    both(format!("escucha en http://{address} y reenvía a {origin}"), format!("listening at http://{address}, for {origin}"))
}

fn unjudged(count: usize) -> Bilingual {
    both(format!("{count} respuestas pasaron sin juzgarse"), format!("{count} answers passed unjudged"))
}

fn deaf(address: SocketAddr, error: &std::io::Error) -> Bilingual {
    both(format!("No se pudo escuchar en {address}: {error}"), format!("Cannot listen at {address}: {error}"))
}
