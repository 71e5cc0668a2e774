//! `har`: a recorded session judged.

use std::time::Instant;

use clap::Args;
use standards_core::Language;
use standards_core::rules::Bilingual;

use super::known::{Known, Read};
use super::output::complain;
use super::{Ended, Judging};
use crate::conformance::files::read_text;
use crate::conformance::har::{HAR_BYTES, Session, Wanted, read};
use crate::conformance::report::Circumstances;
use crate::conformance::text::{both, clean};

#[derive(Debug, Args)]
pub(super) struct Har {
    /// The session: HAR 1.2, with the bodies of its answers.
    file: String,
    /// Whose answers are judged, host or host:port, where the session is of several.
    #[arg(long)]
    host: Option<String>,
    #[command(flatten)]
    known: Known,
    #[command(flatten)]
    judging: Judging,
}

impl Har {
    pub(super) fn run(self, language: Language) -> Ended {
        let begun = Instant::now();
        let chosen = self.judging.choose(None)?;
        let wanted = self.wanted()?;
        let session = read(&read_text(&self.file, HAR_BYTES)?, wanted)?;
        complain(told(&session).of(language));
        let requests = u32::try_from(session.recorded.exchanges.len()).unwrap_or(u32::MAX);
        let (target, duration_ms) = (Some(session.origin), begun.elapsed().as_millis());
        let seen = Circumstances { target, requests, duration_ms, late: false };
        self.judging.conclude(chosen, &session.recorded, &seen, language)
    }

    fn wanted(&self) -> Result<Wanted, Bilingual> {
        let Read { base, profile, document } = self.known.read()?;
        Ok(Wanted { host: self.host.as_deref().map(str::to_ascii_lowercase), base, profile, document })
    }
}

fn told(session: &Session) -> Bilingual {
    let Session { recorded, origin, entries, without_body } = session;
    let (judged, origin) = (recorded.exchanges.len(), clean(origin));
    both(
        format!(
            "{judged} de {entries} entradas son de {origin}; {without_body} del API sin cuerpo grabado no se juzgaron enteras"
        ),
        format!(
            "{judged} of {entries} entries are of {origin}; {without_body} of the API without their body were not judged whole"
        ),
    )
}
