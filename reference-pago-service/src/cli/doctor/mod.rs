//! `doctor`: whether the service can run here, and what to do where it cannot.
//!
//! Each check is asked for facts, within five seconds, and a plain function judges them: a [`Finding`]. Nothing is written,
//! nothing is made, and no password is shown. Settings that cannot be read end it before, as they end every command (status 2).

mod address;
mod checks;
mod database;
mod disk;
mod finding;
mod limit;
mod postgres;
mod redis;
mod schema;
mod servers;
mod settings;
mod sqlite;
mod trouble;

use clap::Args;
use standards_axum::Exit;
use standards_axum::cli::say;
use standards_core::Fatal;
use standards_core::settings::Settings;

use self::finding::Finding;
use crate::config::ServiceSettings;

#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Doctor {
    /// Print JSON: an array of `check`, `status` (`ok`, `warning`, `failed`, `skipped`), `detail` and `remedy`.
    #[arg(long)]
    json: bool,
}

/// Status 1 where a check failed; a warning is none.
pub(super) async fn run(command: Doctor) -> Result<Exit, Fatal> {
    let findings = examine(&ServiceSettings::load()?).await;
    if command.json {
        say(serde_json::to_string_pretty(&findings)?);
    } else {
        findings.iter().for_each(say);
    }
    Ok(if findings.iter().any(Finding::is_failed) { Exit::Failed } else { Exit::Stopped })
}

async fn examine(settings: &ServiceSettings) -> Vec<Finding> {
    let mut findings = vec![settings::examine(settings)];
    findings.extend(address::examine(&settings.standard));
    let (database, redis) = tokio::join!(database::examine(&settings.database), redis::examine(&settings.kept.shared));
    findings.extend(database);
    findings.push(redis);
    findings
}
