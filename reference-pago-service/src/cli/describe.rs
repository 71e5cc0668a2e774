//! `openapi` and `errors`: what the service says of itself.

use standards_axum::Exit;
use standards_core::catalogue::STANDARD_ENTRIES;

use super::output::{fail, misconfigured, say};
use crate::api;
use crate::config::ServiceSettings;

pub(super) fn openapi() -> Exit {
    let settings = match ServiceSettings::load() {
        Ok(settings) => settings.standard,
        Err(problems) => return misconfigured(&problems),
    };
    match serde_json::to_string_pretty(&settings.describe(api::router(), crate::app::info())) {
        Ok(document) => say(document),
        Err(error) => return fail(&error),
    }
    Exit::Stopped
}

pub(super) fn errors() -> Exit {
    say("| status | code | message | meaning |\n|---|---|---|---|");
    for entry in api::router().catalogue().iter().chain(STANDARD_ENTRIES) {
        say(format!("| {} | `{}` | {} | {} |", entry.status, entry.code, entry.message.es, entry.description));
    }
    Exit::Stopped
}
