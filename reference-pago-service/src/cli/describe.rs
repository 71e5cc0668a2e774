//! `openapi` and `errors`: what the service says of itself.

use standards_axum::Exit;

use super::failed::fail;
use super::output::{misconfigured, say};
use crate::config::ServiceSettings;
use crate::{api, app};

pub(super) fn openapi() -> Exit {
    let settings = match ServiceSettings::load() {
        Ok(settings) => settings,
        Err(problems) => return misconfigured(&problems),
    };
    match serde_json::to_string_pretty(&app::info().mount(app::api(&settings), &settings.standard).into_parts().1) {
        Ok(document) => say(document),
        Err(error) => return fail(&error),
    }
    Exit::Stopped
}

pub(super) fn errors() -> Exit {
    say("| status | code | message | meaning |\n|---|---|---|---|");
    for entry in api::router().catalogue() {
        say(format!("| {} | `{}` | {} | {} |", entry.status, entry.code, entry.message.es, entry.description));
    }
    Exit::Stopped
}
