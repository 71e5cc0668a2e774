//! SQLite's form: `sqlite://<file>[?mode=rwc]`.
//!
//! The file is what follows `sqlite://`, so that three slashes begin an absolute path. SQLAlchemy means a relative one by three, an
//! absolute one by four: `sqlite:///./x.db` and `sqlite:////x.db` can only be meant so and are taken so; `sqlite:///x.db` is refused.

use sqlx::sqlite::SqliteConnectOptions;

use super::DatabaseUrlError;
use super::text::{decoded, pairs, unknown};

const AMBIGUOUS: DatabaseUrlError =
    DatabaseUrlError::Form("es ambigua: sqlite://x.db es un archivo del directorio de trabajo, sqlite:////x.db uno de la raíz");
const IS_URI: DatabaseUrlError = DatabaseUrlError::Form("debe nombrar el archivo SQLite sin file:");

/// Reads what follows `sqlite:`.
pub(super) fn read(rest: &str) -> Result<SqliteConnectOptions, DatabaseUrlError> {
    let (file, query) = rest.split_once('?').unwrap_or((rest, ""));
    let file = path(&decoded(file)?)?;
    pairs(query).try_fold(SqliteConnectOptions::new().filename(file), |options, pair| {
        let (name, value) = pair?;
        parameter(options, &name, &value, query)
    })
}

fn path(file: &str) -> Result<String, DatabaseUrlError> {
    let (file, slashes) = file.strip_prefix("//").map_or((file, false), |file| (file, true));
    let path = match file {
        "" | ":memory:" | "/" | "/:memory:" => return Err(DatabaseUrlError::InMemory),
        _ if file.starts_with("file:") || file.starts_with("/file:") => return Err(IS_URI),
        _ if slashes && (file.starts_with("/./") || file.starts_with("/../")) => file.strip_prefix('/'),
        _ if slashes && file.starts_with("//") => file.strip_prefix('/'),
        _ if slashes && file.rfind('/') == Some(0) => return Err(AMBIGUOUS),
        _ => Some(file),
    };
    path.filter(|path| !path.ends_with('/')).map(str::to_owned).ok_or(DatabaseUrlError::InMemory)
}

fn parameter(
    options: SqliteConnectOptions,
    name: &str,
    value: &str,
    query: &str,
) -> Result<SqliteConnectOptions, DatabaseUrlError> {
    let refused = |reason| Err(DatabaseUrlError::Parameter { name: name.to_owned(), reason });
    match (name, value) {
        ("mode", "rw") | ("cache", "private") | ("immutable", "0" | "false") => Ok(options),
        ("mode", "rwc") => Ok(options.create_if_missing(true)),
        ("mode", "ro") => Ok(options.read_only(true)),
        ("mode", "memory") => Err(DatabaseUrlError::InMemory),
        ("mode", _) => refused("debe ser ro, rw o rwc"),
        ("vfs", _) => Ok(options.vfs(value.to_owned())),
        ("cache", _) => refused("solo puede ser private"),
        ("immutable", _) => refused("solo puede ser 0: el servicio escribe"),
        _ => Err(unknown(name, query)),
    }
}
