//! `init`: a first profile, from the service's own OpenAPI document, and what nobody can guess.

use std::fmt::Write as _;
use std::time::Duration;

use clap::Args;
use standards_core::Language;
use standards_core::rules::Bilingual;
use tokio::time::Instant;

use super::Ended;
use super::output::say;
use crate::conformance::client::Client;
use crate::conformance::document::Document;
use crate::conformance::engine::allowed;
use crate::conformance::exchange::{Request, Role};
use crate::conformance::probes::from_document::{left_out, probes};
use crate::conformance::probes::{Body, Probe};
use crate::conformance::profile::Profile;
use crate::conformance::target::Target;
use crate::conformance::text::{both, clean, hidden};

/// How long the document may take.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug, Args)]
pub(super) struct Init {
    /// The service's address, http://host:port.
    #[arg(long)]
    url: String,
    /// Where its OpenAPI document is.
    #[arg(long, value_name = "PATH", default_value = "/api/v1/openapi.json")]
    openapi: String,
    /// Let the target be another machine.
    #[arg(long)]
    allow_target: bool,
}

impl Init {
    /// Prints a profile.
    pub(super) async fn run(self, language: Language) -> Ended {
        let target = allowed(Target::parse(&self.url)?, self.allow_target)?;
        let client = Client::new(target, Instant::now() + PATIENCE);
        let request = Request { method: "GET".to_owned(), path: self.openapi.clone(), ..Request::default() };
        let answer = client.send(&request).await.map_err(|trouble| nothing(&trouble.summary()))?;
        let document = answer.json().and_then(Document::of).ok_or_else(|| nothing(&answer.summary()))?;
        say(&profile(&document, &self.openapi, language))
    }
}

fn profile(document: &Document, openapi: &str, language: Language) -> String {
    let base = openapi.strip_suffix("/openapi.json").unwrap_or("/api/v1");
    let mut text = format!("schema = 1\n\n[service]\nbase = {}\nopenapi = {}\n", quoted(base), quoted(openapi));
    for probe in probes(&Profile::default(), document) {
        let request = request(&probe);
        let _ = match probe.role {
            Role::Success(_) => write!(text, "\n[[success]]\n{request}"),
            Role::Invalid(_) => write!(text, "\n[[invalid]]\n{request}fields = {}\n", listed(&left_out(document))),
            Role::BadParameter => write!(text, "\n[[parameter]]\n{request}"),
            _ => Ok(()),
        };
    }
    text.push('\n');
    text.push_str(unguessed(document).of(language));
    text
}

fn request(probe: &Probe) -> String {
    let body = if matches!(probe.body, Body::Json(_)) { ", body = {}" } else { "" };
    format!("request = {{ method = {}, path = {}{body} }}\n", quoted(&probe.method), quoted(&probe.path))
}

/// What only somebody who knows the service can say, as comments.
fn unguessed(document: &Document) -> Bilingual {
    let writing = document.operations().filter(|operation| operation.method != "GET");
    let names: String = writing.map(|operation| format!("#   {}\n", clean(&operation.name()))).collect();
    both(
        format!(
            "# No se pudo adivinar (docs/standards-check.md dice cómo):\n# - un [[success]] con cuerpo para:\n{names}\
             # - los errores de dominio ([[refusal]]), los montos ([amount], money), el gasto simultáneo ([atomic])\n\
             # - una ruta que falle ([fault]), una variable obligatoria ([config]), el token ([auth])\n"
        ),
        format!(
            "# Not to be guessed (docs/standards-check.md tells how):\n# - a [[success]] with a body for:\n{names}\
             # - domain errors ([[refusal]]), amounts ([amount], money), simultaneous spending ([atomic])\n\
             # - a route that fails ([fault]), a required variable ([config]), the token ([auth])\n"
        ),
    )
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut quoted = "\"".to_owned();
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if hidden(c) => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn listed(names: &[String]) -> String {
    format!("[{}]", names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", "))
}

fn nothing(why: &str) -> Bilingual {
    both(format!("No hay un documento OpenAPI 3: {why}"), format!("There is no OpenAPI 3 document: {why}"))
}
