//! `openapi` and `errors`: what the service says of itself.
//!
//! Both are asked of the routes themselves, which are put together but not served. `openapi` may depend on settings (`under_settings`),
//! `errors` does not have to, so a page of all codes can be printed where no settings are.

use std::fmt;

use clap::{Command, Subcommand};
use standards_core::settings::Problems;
use standards_core::{ErrorEntry, Fatal};
use utoipa::openapi::OpenApi;

use super::output::{row, say};
use crate::Exit;

#[derive(Debug, Subcommand)]
pub(super) enum ApiCommand {
    /// Print the OpenAPI document.
    Openapi,
    /// Print the error catalogue as a table.
    Errors,
}

/// The document, and the errors that its operations can answer with.
type Description = (OpenApi, Vec<ErrorEntry>);

/// What is known of the API, asked once and by one command.
#[derive(Default)]
pub(super) struct Described {
    /// All of it, under the settings of the process.
    pub(super) under_settings: Option<Box<dyn FnOnce() -> Result<Description, Problems>>>,
    /// The errors, whatever the settings.
    pub(super) errors: Option<Box<dyn FnOnce() -> Vec<ErrorEntry>>>,
}

impl Described {
    /// The commands, where there is something to say.
    pub(super) fn add_to(&self, command: Command) -> Command {
        if self.under_settings.is_some() { ApiCommand::augment_subcommands(command) } else { command }
    }

    pub(super) fn run(self, command: &ApiCommand) -> Result<Exit, Fatal> {
        let Self { under_settings, errors } = self;
        let described = || under_settings.map_or_else(|| Ok(Default::default()), |described| described());
        match (command, errors) {
            (ApiCommand::Openapi, _) => say(serde_json::to_string_pretty(&described()?.0)?),
            (ApiCommand::Errors, Some(errors)) => print(&errors()),
            (ApiCommand::Errors, None) => print(&described()?.1),
        }
        Ok(Exit::Stopped)
    }
}

fn print(errors: &[ErrorEntry]) {
    say("| status | code | message | meaning |\n|---|---|---|---|");
    for entry in errors {
        row([entry.status.to_string(), format!("`{}`", entry.code), entry.message.es.to_owned(), entry.description.to_owned()]);
    }
}

impl fmt::Debug for Described {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Described").finish_non_exhaustive()
    }
}
