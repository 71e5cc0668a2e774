//! Types that a setting can have.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::time::Duration;

/// A type that can be read from the text of a variable.
pub trait SettingValue: Sized {
    /// What the text must be, as the sentence `debe ser ...` ends.
    const EXPECTED: &'static str;

    /// Whether the value must never be shown.
    const SECRET: bool = false;

    /// Reads the text; `None` when it is not what is expected.
    fn parse(text: &str) -> Option<Self>;
}

macro_rules! parsed {
    ($($type:ty => $expected:literal),+ $(,)?) => {
        $(
            impl SettingValue for $type {
                const EXPECTED: &'static str = $expected;

                fn parse(text: &str) -> Option<Self> {
                    text.parse().ok()
                }
            }
        )+
    };
}

parsed! {
    u16 => "un entero de 0 a 65535",
    u32 => "un entero no negativo",
    u64 => "un entero no negativo",
    NonZeroUsize => "un entero mayor que cero",
    bool => "true o false",
    IpAddr => "una dirección IP",
    SocketAddr => "una dirección IP con su puerto (127.0.0.1:9000)",
}

impl SettingValue for String {
    const EXPECTED: &'static str = "un texto no vacío";

    fn parse(text: &str) -> Option<Self> {
        (!text.trim().is_empty()).then(|| text.to_owned())
    }
}

/// Whole milliseconds, at least one and at most a day.
impl SettingValue for Duration {
    const EXPECTED: &'static str = "un número de milisegundos de 1 a 86400000";

    fn parse(text: &str) -> Option<Self> {
        let millis = text.parse().ok()?;
        (1..=86_400_000).contains(&millis).then(|| Self::from_millis(millis))
    }
}

/// Where a service runs (`APP_ENV`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppEnv {
    /// A developer's machine; defaults that would be unsafe elsewhere are allowed.
    Development,
    /// A rehearsal of production.
    Staging,
    /// Real clients, real money.
    Production,
}

impl SettingValue for AppEnv {
    const EXPECTED: &'static str = "development, staging o production";

    fn parse(text: &str) -> Option<Self> {
        match text {
            "development" => Some(Self::Development),
            "staging" => Some(Self::Staging),
            "production" => Some(Self::Production),
            _ => None,
        }
    }
}

impl AppEnv {
    /// As it is written in `APP_ENV`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Staging => "staging",
            Self::Production => "production",
        }
    }
}

/// A value that no `Debug`, `Display` or `Serialize` shows.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The value itself, for the one call that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("••••")
    }
}

impl SettingValue for Secret {
    const EXPECTED: &'static str = String::EXPECTED;
    const SECRET: bool = true;

    fn parse(text: &str) -> Option<Self> {
        String::parse(text).map(Self)
    }
}

/// Which records are written (`LOG_LEVEL`): a level, or the usual `RUST_LOG` grammar (`info,sqlx=warn`).
///
/// The guideline's own names are understood besides: `WARNING` is `WARN`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFilter(String);

impl LogFilter {
    /// The filter in `RUST_LOG` grammar.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl SettingValue for LogFilter {
    const EXPECTED: &'static str = "DEBUG, INFO, WARNING, ERROR o un filtro por módulo (info,sqlx=warn)";

    fn parse(text: &str) -> Option<Self> {
        let directives: Vec<_> = text.split(',').map(|directive| with_level_alias(directive.trim())).collect();
        let every_level_is_known =
            directives.iter().all(|directive| directive.parse::<tracing_subscriber::filter::Targets>().is_ok());
        let filter = directives.join(",");
        (every_level_is_known && is_filter(&filter)).then_some(Self(filter))
    }
}

/// A bare word that is no level would be taken for a module, and a slip of the pen would silence the log.
fn is_filter(filter: &str) -> bool {
    filter.split(',').all(|directive| {
        let level = directive.rsplit('=').next().unwrap_or_default();
        !level.is_empty() && level.parse::<tracing_subscriber::filter::LevelFilter>().is_ok()
    })
}

fn with_level_alias(directive: &str) -> String {
    let (module, level) = directive.rsplit_once('=').map_or((None, directive), |(module, level)| (Some(module), level));
    let level = if level.eq_ignore_ascii_case("warning") { "warn".to_owned() } else { level.to_ascii_lowercase() };
    module.map_or_else(|| level.clone(), |module| format!("{module}={level}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_filter_is_a_level_or_directives() {
        for (text, filter) in [("INFO", "info"), ("WARNING", "warn"), ("info,sqlx=WARNING", "info,sqlx=warn"), ("off", "off")] {
            assert_eq!(LogFilter::parse(text).unwrap().as_str(), filter);
        }
    }

    #[test]
    fn a_slip_in_a_log_filter_is_refused() {
        for text in ["", "INF", "verbose", "sqlx", "info,", "sqlx=", "=info,x=loud"] {
            assert_eq!(LogFilter::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn durations_are_bounded_milliseconds() {
        assert_eq!(Duration::parse("1500"), Some(Duration::from_millis(1500)));
        for text in ["0", "-1", "1.5", "86400001", "1s", ""] {
            assert_eq!(Duration::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_secret_shows_nothing() {
        assert_eq!(format!("{:?}", Secret::parse("hunter2")), "Some(••••)");
    }
}
