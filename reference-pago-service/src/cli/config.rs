//! `config check`, `config describe` and `config env-example`.

use std::path::Path;

use clap::Subcommand;
use standards_axum::Exit;
use standards_core::settings::{Absence, Environment, Settings, Variable};

use super::output::{misconfigured, say};
use crate::config::ServiceSettings;

#[derive(Clone, Copy, Debug, Subcommand)]
pub(super) enum Config {
    /// Print the settings in force, secrets covered; status 2 and every problem where they are not valid.
    Check,
    /// Describe every variable, as a Markdown table.
    Describe,
    /// Print a commented `.env` with every variable at its default.
    EnvExample,
}

pub(super) fn run(command: Config) -> Exit {
    match command {
        Config::Check => return check(),
        Config::Describe => describe(),
        Config::EnvExample => env_example(),
    }
    Exit::Stopped
}

fn check() -> Exit {
    let environment = Environment::load(Path::new(".env"));
    for variable in ServiceSettings::variables() {
        let shown = environment.shown(&variable);
        say(format!("{:<30} {}", variable.name, shown.unwrap_or_else(|| absence(&variable))));
    }
    match environment.settings::<ServiceSettings>() {
        Ok(_) => Exit::Stopped,
        Err(problems) => misconfigured(&problems),
    }
}

fn absence(variable: &Variable) -> String {
    match variable.absence {
        Absence::Default(default) => format!("{default} (default)"),
        Absence::Required => "(missing)".to_owned(),
        Absence::Optional => "(unset)".to_owned(),
    }
}

fn describe() {
    say("| variable | default | meaning |\n|---|---|---|");
    for variable in ServiceSettings::variables() {
        let default = match variable.absence {
            Absence::Default("") => "empty".to_owned(),
            Absence::Default(default) => format!("`{default}`"),
            Absence::Required => "required".to_owned(),
            Absence::Optional => "unset".to_owned(),
        };
        say(format!("| `{}` | {default} | {} |", variable.name, variable.description));
    }
}

fn env_example() {
    say("# Every variable of the service. What is commented out has the default shown.");
    for variable in ServiceSettings::variables() {
        let default = match variable.absence {
            Absence::Default(default) => default,
            Absence::Required | Absence::Optional => "",
        };
        say(format!("\n# {}\n# {}={default}", variable.description, variable.name));
    }
}
