//! `DATABASE_URL`.
//!
//! Whatever it says is done, or refused by name: a parameter that is dropped would be a promise that nobody keeps. What is wrong is told
//! in Spanish, for whoever starts the service, and never with what the URL holds: it may be a part of a password.

mod host;
mod parameters;
mod postgres;
mod sqlite;
mod text;
mod tls;

use std::fmt;
use std::str::FromStr;

use sqlx::sqlite::SqliteConnectOptions;

use super::servers::Servers;

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
///
/// # Example: what cannot be honoured is refused by name
///
/// ```
/// use reference_pago_service::database::DatabaseUrl;
/// let error = "postgres://db/pagos?channel_binding=require".parse::<DatabaseUrl>().unwrap_err();
/// assert!(error.to_string().contains("channel_binding"));
/// ```
#[derive(Clone)]
pub struct DatabaseUrl(pub(super) Target);

#[derive(Clone)]
pub(super) enum Target {
    Sqlite(Box<SqliteConnectOptions>),
    Postgres(Servers),
}

/// What is wrong with a `DATABASE_URL`: never says what it holds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseUrlError {
    /// Another scheme, or none.
    #[error("debe empezar con sqlite:, postgres: o postgresql:")]
    Scheme,
    /// The name of a Python driver stands in the scheme.
    #[error("no lleva el controlador de SQLAlchemy: debe empezar con postgresql:// o sqlite://, sin +<controlador>")]
    Driver,
    /// SQLite without a file.
    #[error("debe nombrar un archivo SQLite: una base en memoria perdería lo que se confirmó")]
    InMemory,
    /// Not of the form of a URL: what is wrong with it.
    #[error("{0}")]
    Form(&'static str),
    /// A parameter that cannot be honoured, or a variable of libpq's that stands in for it.
    #[error("el parámetro {name} {reason}")]
    Parameter {
        /// Its name.
        name: String,
        /// Why.
        reason: &'static str,
    },
}

impl DatabaseUrl {
    /// Reads a URL; `environment` answers for libpq's variables.
    fn read(url: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, DatabaseUrlError> {
        let url = url.trim_end_matches(['\r', '\n']);
        if url.chars().any(char::is_control) {
            return Err(DatabaseUrlError::Form("no puede llevar caracteres de control"));
        }
        let target = match url.split_once(':').ok_or(DatabaseUrlError::Scheme)? {
            ("sqlite", rest) => sqlite::read(rest).map(Box::new).map(Target::Sqlite),
            ("postgres" | "postgresql", rest) => postgres::read(rest, environment).map(Target::Postgres),
            (scheme, _) if scheme.starts_with("postgresql+") || scheme.starts_with("sqlite+") => Err(DatabaseUrlError::Driver),
            _ => Err(DatabaseUrlError::Scheme),
        };
        target.map(Self)
    }
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(url: &str) -> Result<Self, DatabaseUrlError> {
        Self::read(url, &|variable| std::env::var(variable).ok())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrl(***)")
    }
}

#[cfg(test)]
mod tests;
