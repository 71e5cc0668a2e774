//! `token`: a token signed by the service's own key.

use std::path::Path;
use std::time::Duration;

use clap::Args;
use standards_core::Fatal;
use standards_core::settings::{AppEnv, Environment, SettingValue};

use super::output::say;
use crate::Exit;
use crate::auth::{AuthSettings, Grant};

/// A year: who needs a token for longer needs another way in.
const LONGEST: u64 = 366 * 24 * 3600;

#[derive(Debug, Args)]
pub(super) struct Token {
    /// Whose it is, 1 to 255 characters.
    #[arg(long, value_parser = subject)]
    sub: String,
    /// What it grants: names separated by a space each.
    #[arg(long, default_value = "", hide_default_value = true, value_parser = scope)]
    scope: String,
    /// Seconds that it is valid.
    #[arg(long, default_value_t = 3600, value_parser = clap::value_parser!(u64).range(1..=LONGEST))]
    lifetime: u64,
    /// Make it with `APP_ENV=production` too.
    #[arg(long)]
    force: bool,
}

pub(super) fn run(Token { sub, scope, lifetime, force }: Token) -> Result<Exit, Fatal> {
    let environment = Environment::load(Path::new(".env"));
    let production = environment.get("APP_ENV").and_then(AppEnv::parse) == Some(AppEnv::Production);
    let settings: AuthSettings = environment.settings()?;
    if production && !force {
        return Err(Fatal::new("with APP_ENV=production a token is made with --force only"));
    }
    let grant = Grant::new(sub).with_scope(scope).with_lifetime(Duration::from_secs(lifetime));
    say(settings.issue(&grant)?);
    Ok(Exit::Stopped)
}

/// As a token's `sub` is read.
fn subject(text: &str) -> Result<String, &'static str> {
    let right = (1..=255).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if right { Ok(text.to_owned()) } else { Err("1 to 255 characters, no control characters") }
}

/// RFC 6749, section 3.3; none at all is a token without scope.
fn scope(text: &str) -> Result<String, &'static str> {
    let name = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'));
    if text.is_empty() || text.split(' ').all(name) { Ok(text.to_owned()) } else { Err("names separated by one space each") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_service_would_take_is_not_made() {
        assert!(subject(&"ñ".repeat(255)).is_ok() && subject(&"ñ".repeat(256)).is_err());
        for text in ["", "a\nb", "\u{1b}[31m"] {
            assert!(subject(text).is_err(), "{text:?}");
        }
        for text in ["", "pagos:read", "pagos:read pagos:write", "https://a.cl/x"] {
            assert!(scope(text).is_ok(), "{text:?}");
        }
        for text in [" ", "a  b", " a", "a ", "a\tb", "a\"b", "ñ"] {
            assert!(scope(text).is_err(), "{text:?}");
        }
    }
}
