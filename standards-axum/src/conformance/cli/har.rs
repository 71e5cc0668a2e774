//! `har`: a recorded session judged.

use std::time::Instant;

use clap::Args;
use standards_core::Language;
use standards_core::rules::Bilingual;

use super::output::{complain, read_profile, read_text};
use super::{Ended, Judging};
use crate::conformance::document::Document;
use crate::conformance::har::{BASE, HAR_BYTES, Session, Wanted, read};
use crate::conformance::report::Circumstances;
use crate::conformance::text::{both, clean};

/// The largest OpenAPI document that is read.
const DOCUMENT_BYTES: usize = 16 << 20;

#[derive(Debug, Args)]
pub(super) struct Har {
    /// The session: HAR 1.2, with the bodies of its answers.
    file: String,
    /// Whose answers are judged, host or host:port, where the session is of several.
    #[arg(long)]
    host: Option<String>,
    /// Under which path the API is [default: /api, or the profile's].
    #[arg(long, value_name = "PATH")]
    base: Option<String>,
    /// The service's OpenAPI document (JSON) [default: the one in the session].
    #[arg(long, value_name = "FILE")]
    openapi: Option<String>,
    /// A profile, of which `service` counts: codes and statuses, say.
    #[arg(long, value_name = "FILE")]
    profile: Option<String>,
    #[command(flatten)]
    judging: Judging,
}

impl Har {
    pub(super) fn run(self, language: Language) -> Ended {
        let begun = Instant::now();
        let chosen = self.judging.choose()?;
        let wanted = self.wanted()?;
        let session = read(&read_text(&self.file, HAR_BYTES)?, wanted)?;
        complain(told(&session).of(language));
        let requests = u32::try_from(session.recorded.exchanges.len()).unwrap_or(u32::MAX);
        let (target, duration_ms) = (Some(session.origin), begun.elapsed().as_millis());
        let seen = Circumstances { target, requests, duration_ms, late: false };
        self.judging.conclude(chosen, &session.recorded, &seen, language)
    }

    fn wanted(&self) -> Result<Wanted, Bilingual> {
        let profile = self.profile.as_deref().map(read_profile).transpose()?;
        let of_profile = profile.as_ref().map(|profile| profile.service.base.clone());
        let base = self.base.clone().or(of_profile).unwrap_or_else(|| BASE.to_owned());
        let document = self.openapi.as_deref().map(read_document).transpose()?;
        Ok(Wanted { host: self.host.as_deref().map(str::to_ascii_lowercase), base, profile, document })
    }
}

pub(super) fn read_document(file: &str) -> Result<Document, Bilingual> {
    let text = read_text(file, DOCUMENT_BYTES)?;
    serde_json::from_str(&text).ok().and_then(Document::of).ok_or_else(|| {
        let file = clean(file);
        both(format!("{file} no es un documento OpenAPI 3 en JSON"), format!("{file} is no OpenAPI 3 document in JSON"))
    })
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
