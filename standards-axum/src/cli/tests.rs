//! Which commands there are.

use clap::Subcommand;

use super::*;
use crate::service_info;

#[derive(Debug, Subcommand)]
enum Own {
    /// Counts.
    Contar,
}

const STANDARD: &[&str] =
    if cfg!(feature = "auth") { &["serve", "config", "healthcheck", "token"] } else { &["serve", "config", "healthcheck"] };

fn names(cli: &Cli) -> Vec<String> {
    cli.command().get_subcommands().map(|command| command.get_name().to_owned()).collect()
}

#[test]
fn a_service_without_an_api_describes_none() {
    let cli = Cli::new(service_info!());
    assert_eq!(names(&cli), STANDARD);
    assert!(cli.command().render_long_help().to_string().starts_with("Usage: "));
}

#[cfg(feature = "openapi")]
#[test]
fn commands_stand_beside_each_other() {
    let own = async |_: Own| Ok(Exit::Failed);
    let cli = Cli::new(service_info!()).about("Prueba").api(ApiRouter::<()>::new).commands(own);
    assert_eq!(names(&cli), [STANDARD, &["openapi", "errors", "contar"]].concat());
    let mut command = cli.command();
    let help = command.render_long_help().to_string();
    assert!(help.starts_with("Prueba\n\nUsage: "), "{help}");
    command.debug_assert();
}

#[tokio::test]
async fn a_command_of_ones_own_is_run_by_its_function() {
    let own = async |Own::Contar: Own| Ok(Exit::Failed);
    let cli = Cli::new(service_info!()).commands(own);
    let matches = cli.command().try_get_matches_from(["prueba", "contar"]).unwrap();
    assert_eq!(cli.run::<StandardSettings>(&matches).await.unwrap(), Exit::Failed);
    let cli = Cli::new(service_info!()).commands(async |_: Own| Err(Fatal::new("nunca")));
    let matches = cli.command().try_get_matches_from(["prueba", "config", "describe"]).unwrap();
    assert_eq!(cli.run::<StandardSettings>(&matches).await.unwrap(), Exit::Stopped);
}
