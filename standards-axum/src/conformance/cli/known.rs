//! What is known of a service whose answers are only seen.

use clap::Args;
use standards_core::rules::Bilingual;

use super::output::read_profile;
use crate::conformance::document::Document;
use crate::conformance::files::read_text;
use crate::conformance::har::BASE;
use crate::conformance::profile::Profile;
use crate::conformance::text::{both, clean};

/// The largest OpenAPI document that is read.
const DOCUMENT_BYTES: usize = 16 << 20;

/// As the command line has it.
#[derive(Debug, Args)]
pub(super) struct Known {
    /// Under which path the API is [default: /api, or the profile's].
    #[arg(long, value_name = "PATH")]
    base: Option<String>,
    /// The service's OpenAPI document (JSON) [default: the one in the session; the service is asked for it].
    #[arg(long, value_name = "FILE")]
    openapi: Option<String>,
    /// A profile, of which `service` counts: codes and statuses, say.
    #[arg(long, value_name = "FILE")]
    profile: Option<String>,
}

/// The same, read.
pub(super) struct Read {
    pub(super) base: String,
    pub(super) profile: Option<Profile>,
    pub(super) document: Option<Document>,
}

impl Known {
    pub(super) fn read(&self) -> Result<Read, Bilingual> {
        let profile = self.profile.as_deref().map(read_profile).transpose()?;
        let of_profile = profile.as_ref().map(|profile| profile.service.base.clone());
        let base = self.base.clone().or(of_profile).unwrap_or_else(|| BASE.to_owned());
        let document = self.openapi.as_deref().map(read_document).transpose()?;
        Ok(Read { base, profile, document })
    }
}

fn read_document(file: &str) -> Result<Document, Bilingual> {
    let text = read_text(file, DOCUMENT_BYTES)?;
    serde_json::from_str(&text).ok().and_then(Document::of).ok_or_else(|| {
        let file = clean(file);
        both(format!("{file} no es un documento OpenAPI 3 en JSON"), format!("{file} is no OpenAPI 3 document in JSON"))
    })
}
