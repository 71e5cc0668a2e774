//! `config check`, `config describe` and `config env-example`.
//!
//! All three are made from what a `settings!` declares ([`Settings::variables`]), so nothing here names a variable. `check` reads what
//! `serve` would read: the environment, and `.env` beneath it. It prints first and judges then: whoever has to find a mistake sees all the
//! others too.

use std::borrow::Cow;
use std::path::Path;

use clap::Subcommand;
use standards_core::Fatal;
use standards_core::settings::{Absence, Environment, Settings, Variable};

use super::output::{row, say};
use crate::Exit;

#[derive(Clone, Copy, Debug, Subcommand)]
pub(super) enum Config {
    /// Print the settings in force, secrets covered; status 2 and every problem where they are not valid.
    Check,
    /// Describe every variable, as a Markdown table.
    Describe,
    /// Print a commented `.env` with every variable at its default.
    EnvExample,
}

pub(super) fn run<S: Settings>(command: Config) -> Result<Exit, Fatal> {
    match command {
        Config::Check => check::<S>()?,
        Config::Describe => describe::<S>(),
        Config::EnvExample => env_example::<S>(),
    }
    Ok(Exit::Stopped)
}

fn check<S: Settings>() -> Result<(), Fatal> {
    let environment = Environment::load(Path::new(".env"));
    for variable in S::variables() {
        let shown = environment.shown(&variable);
        say(format!("{:<30} {}", variable.name, shown.unwrap_or_else(|| absence(&variable))));
    }
    environment.settings::<S>()?;
    Ok(())
}

/// What holds for a variable that is not set.
fn absence(variable: &Variable) -> String {
    match variable.absence {
        Absence::Default(default) => format!("{default} (default)"),
        Absence::Required => "(missing)".to_owned(),
        Absence::Optional => "(unset)".to_owned(),
    }
}

fn describe<S: Settings>() {
    say("| variable | default | meaning |\n|---|---|---|");
    for variable in S::variables() {
        let default = match variable.absence {
            Absence::Default("") => "empty".to_owned(),
            Absence::Default(default) => format!("`{default}`"),
            Absence::Required => "required".to_owned(),
            Absence::Optional => "unset".to_owned(),
        };
        row([format!("`{}`", variable.name), default, variable.description.to_owned()]);
    }
}

fn env_example<S: Settings>() {
    say("# Every variable of the service. What is commented out has the default shown.");
    for variable in S::variables() {
        let default = match variable.absence {
            Absence::Default(default) => as_written(default),
            Absence::Required | Absence::Optional => "".into(),
        };
        say(format!("\n# {}\n# {}={default}", variable.description.replace('\n', "\n# "), variable.name));
    }
}

/// As an `.env` file has to have it: in quotes where it would be read as something else without.
fn as_written(value: &str) -> Cow<'_, str> {
    let begins_otherwise = value.starts_with(['\'', '"', '#']) || value.trim() != value;
    let plain = !begins_otherwise && !value.contains(['\n', '\r']) && !value.contains("${") && !value.contains(" #");
    if plain { value.into() } else { format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'")).into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_is_read_back_as_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(".env");
        for value in ["", "a b", "a#b", "a #b", "#a", " a ", "it's", "'a' \\'", "\"a\"", "${A}", "$A", "[\"a\", \"b\"]", "a\nb"] {
            std::fs::write(&file, format!("VALUE={}\n", as_written(value))).unwrap();
            assert_eq!(Environment::load(&file).get("VALUE"), Some(value), "{value:?}");
        }
    }

    #[test]
    fn what_needs_no_quotes_has_none() {
        for value in ["8000", "sqlite://pagos.db?mode=rwc", "[\"a\"]", "info,sqlx=warn", "it's"] {
            assert_eq!(as_written(value), value);
        }
    }
}
