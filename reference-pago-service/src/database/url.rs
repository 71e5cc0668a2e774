//! `DATABASE_URL`.

use std::fmt;
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;

/// The parameters of a PostgreSQL URL that are understood. Others (`channel_binding`,
/// `connect_timeout`, ...) are dropped here, because the driver would log them with their values.
const POSTGRES_PARAMETERS: [&str; 17] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
];

/// Which database to use: `sqlite://<file>[?mode=rwc]` or `postgres://...` / `postgresql://...`.
///
/// It may hold a password: its `Debug` shows nothing and it has no `Display`.
///
/// # Example
///
/// ```
/// use reference_pago_service::database::{DatabaseUrl, DatabaseUrlError};
/// assert!("sqlite://pagos.db?mode=rwc".parse::<DatabaseUrl>().is_ok());
/// assert!("postgres://pagos:secreto@db/pagos".parse::<DatabaseUrl>().is_ok());
/// assert_eq!("mysql://db".parse::<DatabaseUrl>().err(), Some(DatabaseUrlError::Scheme));
/// ```
#[derive(Clone)]
pub struct DatabaseUrl(Target);

#[derive(Clone)]
pub(super) enum Target {
    Sqlite(Box<SqliteConnectOptions>),
    Postgres(Box<PgConnectOptions>),
}

/// What is wrong with a `DATABASE_URL`: never says what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseUrlError {
    /// Another scheme, or none.
    #[error("must begin with sqlite:, postgres: or postgresql:")]
    Scheme,
    /// SQLite without a file.
    #[error("must name a SQLite file: a database in memory would lose what was acknowledged")]
    InMemory,
    /// An unknown parameter or value, or a name that is not UTF-8.
    #[error("is not a valid SQLite URL (sqlite://<file>?mode=rwc)")]
    Sqlite,
    /// Not of the form of a URL, or a parameter with a bad value.
    #[error(
        "is not a valid PostgreSQL URL (postgres://<user>:<password>@<host>:<port>/<database>)"
    )]
    Postgres,
}

impl DatabaseUrl {
    pub(super) fn target(&self) -> &Target {
        &self.0
    }
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(url: &str) -> Result<Self, DatabaseUrlError> {
        match url.split_once(':') {
            Some(("sqlite", rest)) => sqlite(rest).map(Box::new).map(Target::Sqlite).map(Self),
            Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => {
                postgres(url).map(Box::new).map(Target::Postgres).map(Self)
            }
            Some(("postgres" | "postgresql", _)) => Err(DatabaseUrlError::Postgres),
            _ => Err(DatabaseUrlError::Scheme),
        }
    }
}

fn sqlite(rest: &str) -> Result<SqliteConnectOptions, DatabaseUrlError> {
    let (file, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let file = file.strip_prefix("//").unwrap_or(file);
    if matches!(file, "" | ":memory:") || parameters.split('&').any(|pair| pair == "mode=memory") {
        return Err(DatabaseUrlError::InMemory);
    }
    format!("sqlite:{rest}")
        .parse()
        .map_err(|_| DatabaseUrlError::Sqlite)
}

fn postgres(url: &str) -> Result<PgConnectOptions, DatabaseUrlError> {
    let (address, parameters) = url.split_once('?').unwrap_or((url, ""));
    let known: Vec<&str> = parameters
        .split('&')
        .filter(|pair| is_known(pair))
        .collect();
    format!("{address}?{}", known.join("&"))
        .parse()
        .map_err(|_| DatabaseUrlError::Postgres)
}

fn is_known(pair: &str) -> bool {
    let (name, _) = pair.split_once('=').unwrap_or((pair, ""));
    POSTGRES_PARAMETERS.contains(&name) || name.starts_with("options")
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrl(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::{DatabaseUrl, DatabaseUrlError, Target};

    fn problem(url: &str) -> Option<DatabaseUrlError> {
        url.parse::<DatabaseUrl>().err()
    }

    #[test]
    fn both_spellings_of_each_engine_are_read() {
        let is_sqlite = |url: &str| {
            let url = url.parse::<DatabaseUrl>().unwrap();
            matches!(url.target(), Target::Sqlite(_))
        };
        assert!(is_sqlite("sqlite:pagos.db"));
        assert!(is_sqlite("sqlite://pagos.db?mode=rwc"));
        assert!(is_sqlite("sqlite:///var/lib/pagos.db"));
        assert!(!is_sqlite("postgres://db"));
        assert!(!is_sqlite("postgresql://u:p@db:5433/pagos?sslmode=require"));
    }

    #[track_caller]
    fn assert_problem(expected: DatabaseUrlError, urls: &[&str]) {
        for url in urls {
            assert_eq!(problem(url), Some(expected), "{url}");
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        use DatabaseUrlError::{InMemory, Postgres, Scheme, Sqlite};
        assert_problem(Scheme, &["", "pagos.db", "mysql://db", "SQLITE:x"]);
        assert_problem(Scheme, &["postgresql+psycopg2://db/x"]);
        assert_problem(InMemory, &["sqlite::memory:", "sqlite://:memory:"]);
        assert_problem(InMemory, &["sqlite:", "sqlite://x?mode=memory"]);
        assert_problem(Sqlite, &["sqlite://x?mode=y", "sqlite://x?y=1"]);
        assert_problem(Sqlite, &["sqlite://%ff"]);
        assert_problem(Postgres, &["postgres:", "postgres://db:secreto"]);
        assert_problem(Postgres, &["postgres://db?sslmode=secreto"]);
    }

    #[test]
    fn parameters_of_other_drivers_are_dropped() {
        assert_eq!(
            problem("postgres://db/x?channel_binding=require&sslmode=require"),
            None
        );
    }

    #[test]
    fn debug_does_not_show_the_password() {
        let url: DatabaseUrl = "postgres://u:secreto@db/x".parse().unwrap();
        assert_eq!(format!("{url:?}"), "DatabaseUrl(***)");
    }
}
