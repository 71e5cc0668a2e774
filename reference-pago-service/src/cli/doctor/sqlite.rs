//! A SQLite file: whether it is there, whole, and can be written to.

use std::path::Path;

use standards_core::settings::Environment;
use tokio::join;

use super::checks::{CAPABILITIES, CLOCK, DATABASE, PAGES, POOL, RIGHTS, SERVERS};
use super::limit::within;
use super::schema::Migrator;
use super::trouble::{alone, failed, trouble};
use super::{Finding, disk, schema};
use crate::config::DatabaseSettings;
use crate::database::{Database, OpenError, RepositoryError, SqliteDatabase};
use crate::repositories::survey::{self, File};

pub(super) async fn examine(database: &Database, sqlite: &SqliteDatabase, settings: &DatabaseSettings) -> Vec<Finding> {
    let path = sqlite.path();
    let writable = disk::may_write(path) && disk::may_write(directory_of(path));
    let (file, state, damage) =
        join!(within(survey::file(sqlite)), within(database.schema_state()), within(survey::damage(sqlite)));
    vec![
        judge_file(path, file),
        no_servers(),
        schema::judge(state, Migrator { on_start: settings.migrate_on_start, permitted: writable }),
        judge_rights(path, writable),
        Finding::skipped(POOL, "un archivo no las limita"),
        Finding::skipped(CAPABILITIES, "las de SQLite vienen con el servicio"),
        Finding::skipped(CLOCK, "el archivo y el servicio tienen el mismo"),
        judge_pages(damage),
        disk::examine(directory_of(path)),
    ]
}

/// Why there is nothing to look at.
pub(super) fn unopened(error: &OpenError) -> Vec<Finding> {
    let database = match error {
        OpenError::MissingFile if creates() => Finding::warning(
            DATABASE,
            "el archivo SQLite no existe; el primer inicio lo crea",
            "si ya hubo pagos, DATABASE_URL nombra otro archivo: una ruta relativa depende del directorio de trabajo",
        ),
        OpenError::MissingFile => {
            Finding::failed(DATABASE, "el archivo SQLite no existe", "corrija DATABASE_URL, o agregue ?mode=rwc para que se cree")
        }
        OpenError::MissingDirectory => {
            Finding::failed(DATABASE, "el directorio del archivo SQLite no existe", "créelo, o corrija DATABASE_URL")
        }
        OpenError::Unusable(error) => Finding::failed(DATABASE, trouble(error).0, "revise dueño y permisos del archivo"),
    };
    alone(database, no_servers())
}

fn no_servers() -> Finding {
    Finding::skipped(SERVERS, "SQLite no tiene")
}

/// Whether the URL says that a missing file is to be made, as the default does.
fn creates() -> bool {
    Environment::load(Path::new(".env")).get("DATABASE_URL").is_none_or(|url| url.contains("mode=rwc"))
}

/// That of a bare name is the working directory.
fn directory_of(file: &Path) -> &Path {
    file.parent().filter(|directory| !directory.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn judge_file(path: &Path, file: Result<File, RepositoryError>) -> Finding {
    match file {
        Ok(File { version, encoding, journal_mode }) => {
            let shown = format!("SQLite {version}, {encoding}, {}", shown(path));
            match journal_mode.as_str() {
                "wal" => Finding::ok(DATABASE, format!("{shown}, journal wal")),
                other => Finding::ok(DATABASE, format!("{shown}, journal {other} (el servicio lo pone en wal al iniciar)")),
            }
        }
        Err(error) => {
            let (detail, remedy) = trouble(&error);
            Finding::failed(DATABASE, format!("{}: {detail}", shown(path)), remedy)
        }
    }
}

/// Whole, since a relative path means another file elsewhere.
fn shown(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

fn judge_rights(path: &Path, writable: bool) -> Finding {
    if writable {
        return Finding::ok(RIGHTS, "este usuario puede escribir en el archivo y en su directorio");
    }
    let detail = format!("este usuario no puede escribir en {} o en su directorio", shown(path));
    Finding::failed(RIGHTS, detail, "dé ambos al usuario del servicio; SQLite crea -wal y -shm al lado")
}

fn judge_pages(damage: Result<Option<String>, RepositoryError>) -> Finding {
    match damage {
        Ok(None) => Finding::ok(PAGES, "quick_check no encontró daños"),
        Ok(Some(damage)) => Finding::failed(
            PAGES,
            format!("el archivo está dañado ({damage})"),
            "detenga el servicio y restaure el último respaldo",
        ),
        Err(error) if error.sqlstate().is_none() => Finding::warning(
            PAGES,
            "quick_check no terminó en 5 s",
            "córralo sobre una copia: `sqlite3 <copia> 'pragma quick_check'`",
        ),
        Err(error) => failed(PAGES, &error),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Status;
    use super::*;

    #[test]
    fn a_damaged_file_fails_and_one_that_takes_long_warns() {
        assert_eq!(judge_pages(Ok(None)).status(), Status::Ok);
        assert!(judge_pages(Ok(Some("row 1 missing from index".to_owned()))).to_string().contains("restaure"));
        assert_eq!(judge_pages(Err(RepositoryError::unavailable("sin respuesta en 5 s"))).status(), Status::Warning);
    }

    #[test]
    fn what_keeps_a_file_from_being_opened_is_told() {
        let first = |error: OpenError| unopened(&error).remove(0).to_string();
        assert!(first(OpenError::MissingDirectory).starts_with("✘ base de datos: el directorio"));
        assert!(unopened(&OpenError::MissingDirectory).iter().skip(1).all(|finding| finding.status() == Status::Skipped));
    }

    #[test]
    fn a_bare_name_stands_in_the_working_directory() {
        assert_eq!(directory_of(Path::new("pagos.db")), Path::new("."));
        assert_eq!(directory_of(Path::new("/a/pagos.db")), Path::new("/a"));
    }
}
