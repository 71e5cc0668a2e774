//! Types that a setting can have.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::time::Duration;

use crate::log::{LevelFilters, LogFormat, Redaction};

/// A type that can be read from the text of a variable.
///
/// ```
/// use standards_core::settings::{Environment, SettingValue};
///
/// #[derive(Debug, PartialEq)]
/// struct Percent(u8);
///
/// impl SettingValue for Percent {
///     const EXPECTED: &'static str = "un porcentaje de 0 a 100";
///
///     fn parse(text: &str) -> Option<Self> {
///         text.parse().ok().filter(|percent| *percent <= 100).map(Self)
///     }
/// }
///
/// assert_eq!(Environment::default().otherwise("SAMPLE_RATE", "25"), Some(Percent(25)));
/// ```
pub trait SettingValue: Sized {
    /// What the text must be, as the sentence `debe ser ...` ends.
    const EXPECTED: &'static str;

    /// Whether the value must never be shown.
    const SECRET: bool = false;

    /// Reads the text; `None` when it is not what is expected.
    fn parse(text: &str) -> Option<Self>;

    /// What is wrong with a text that was not read: `debe ser` and what is expected, unless a type knows better. It never shows the
    /// text.
    ///
    /// ```
    /// use standards_core::settings::SettingValue;
    ///
    /// assert_eq!(u16::refusal("x"), "debe ser un entero de 0 a 65535");
    /// ```
    #[must_use]
    fn refusal(_text: &str) -> String {
        format!("debe ser {}", Self::EXPECTED)
    }
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
///
/// ```
/// use standards_core::settings::{AppEnv, Environment};
///
/// let environment = Environment::from_pairs([("APP_ENV", "staging")]).otherwise("APP_ENV", "development");
/// assert_eq!(environment.map(AppEnv::as_str), Some("staging"));
/// ```
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
///
/// ```
/// use standards_core::settings::{Environment, Secret};
///
/// let key: Secret = Environment::from_pairs([("SECRET_KEY", "0123456789abcdef")]).required("SECRET_KEY").unwrap();
/// assert_eq!(key.expose(), "0123456789abcdef");
/// assert!(!format!("{key:?}").contains("0123"));
/// ```
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

/// `LOG_LEVEL`: a level, or a filter per module. A bare word that is no level is refused here, although the grammar would take it for
/// a module: a slip of the pen would silence the log.
impl SettingValue for LevelFilters {
    const EXPECTED: &'static str = "DEBUG, INFO, WARNING, ERROR o un filtro por módulo (info,sqlx=warn)";

    fn parse(text: &str) -> Option<Self> {
        let is_level = |word: &str| LEVELS.iter().any(|level| level.eq_ignore_ascii_case(word));
        let names_a_level = |directive: &str| is_level(directive.rsplit('=').next().unwrap_or_default().trim());
        text.split(',').all(names_a_level).then(|| text.parse().ok()).flatten()
    }
}

const LEVELS: [&str; 7] = ["off", "error", "warn", "warning", "info", "debug", "trace"];

/// `LOG_FORMAT`.
impl SettingValue for LogFormat {
    const EXPECTED: &'static str = "json, ecs o pretty";

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// A database of SQLite, by the URL that sqlx opens it by.
///
/// ```
/// use sqlx::sqlite::SqliteConnectOptions;
/// use standards_core::settings::Environment;
///
/// let mut environment = Environment::from_pairs([("DATABASE_URL", "postgres://h/datos")]);
/// assert!(environment.required::<SqliteConnectOptions>("DATABASE_URL").is_none());
/// assert!(environment.otherwise::<SqliteConnectOptions>("OTRA_URL", "sqlite://datos.db?mode=rwc").is_some());
/// ```
#[cfg(feature = "sqlx-sqlite")]
impl SettingValue for sqlx::sqlite::SqliteConnectOptions {
    const EXPECTED: &'static str = "una base de datos SQLite, como sqlite://datos.db";

    /// sqlx takes any text for the name of a file, and the address of another database too.
    fn parse(text: &str) -> Option<Self> {
        text.strip_prefix("sqlite:").filter(|file| !file.trim_start_matches('/').is_empty())?;
        text.parse().ok()
    }
}

/// `LOG_DENIED_NAMES`: names that are masked in the log beside those of the standard; with `-` before it, one that is shown although a
/// name of the list stands in it.
///
/// ```
/// use standards_core::log::Redaction;
/// use standards_core::settings::Environment;
///
/// let mut environment = Environment::from_pairs([("LOG_DENIED_NAMES", "numero_cuenta,-nombre_producto")]);
/// assert!(environment.otherwise::<Redaction>("LOG_DENIED_NAMES", "").is_some());
/// ```
impl SettingValue for Redaction {
    const EXPECTED: &'static str = "una lista de nombres separados por comas, con - delante de los que se muestran \
        (numero_cuenta,-nombre_producto)";

    fn parse(text: &str) -> Option<Self> {
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        names.take(MAX_NAMES + 1).enumerate().try_fold(Self::default(), |redaction, (before, name)| {
            let (shown, name) = name.strip_prefix('-').map_or((false, name), |name| (true, name));
            let taken = before < MAX_NAMES && is_name(name);
            taken.then(|| if shown { redaction.with_shown(name) } else { redaction.with_key(name) })
        })
    }
}

/// The most names of `LOG_DENIED_NAMES`: each is compared with every new name of a field.
const MAX_NAMES: usize = 200;

/// Words of letters and digits, joined by `_`, `-` or `.`.
fn is_name(name: &str) -> bool {
    let plain = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-' | '.');
    name.len() <= 64 && name.chars().all(plain) && name.chars().any(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_filter_is_a_level_or_directives() {
        for text in ["INFO", "WARNING", "info,sqlx=WARNING", "off"] {
            assert!(<LevelFilters as SettingValue>::parse(text).is_some(), "{text:?}");
        }
    }

    #[cfg(feature = "sqlx-sqlite")]
    #[test]
    fn a_database_of_sqlite_is_named_as_one() {
        let parse = <sqlx::sqlite::SqliteConnectOptions as SettingValue>::parse;
        for text in ["sqlite://datos.db", "sqlite:///data/datos.db?mode=rwc", "sqlite:datos.db", "sqlite::memory:"] {
            assert!(parse(text).is_some(), "{text:?}");
        }
        for text in
            ["", "datos.db", "sqlite:", "sqlite://", "postgres://u@h/datos", "sqlite://datos.db?mode=mala", "SQLITE://datos.db"]
        {
            assert!(parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn a_slip_in_a_log_filter_is_refused() {
        for text in ["", "INF", "verbose", "sqlx", "info,", "sqlx=", "=info,x=loud"] {
            assert!(<LevelFilters as SettingValue>::parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn denied_names_are_a_bounded_list_of_names() {
        let long = "x".repeat(65);
        let many = "a,".repeat(MAX_NAMES + 1);
        for text in ["", "rut", "numero_cuenta, -nombre_producto", "númeroCuenta,x.y-z,", &many[2..]] {
            assert!(<Redaction as SettingValue>::parse(text).is_some(), "{text:?}");
        }
        for text in ["a b", "-", "--a b", "a=b", "\"a\"", "_", &long, &many] {
            assert!(<Redaction as SettingValue>::parse(text).is_none(), "{text:?}");
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
