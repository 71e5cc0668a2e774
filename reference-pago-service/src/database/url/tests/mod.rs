mod address;
mod parameters;
mod sqlite;
mod tls;

use self::address::assert_parts;
use self::sqlite::assert_file;
use super::{DatabaseUrl, DatabaseUrlError, Target};

fn read(url: &str) -> Result<Target, DatabaseUrlError> {
    DatabaseUrl::read(url, &|_| None).map(|url| url.0)
}

#[test]
fn another_scheme_is_refused() {
    for url in ["", "pagos.db", "mysql://db", "SQLITE:x", "jdbc:postgresql://db/x"] {
        assert_eq!(read(url).err(), Some(DatabaseUrlError::Scheme), "{url}");
    }
    for url in ["postgresql+psycopg2://db/x", "postgresql+asyncpg://db/x", "sqlite+aiosqlite:///x.db"] {
        assert_eq!(read(url).err(), Some(DatabaseUrlError::Driver), "{url}");
    }
}

#[test]
fn a_final_newline_is_no_part_of_it() {
    assert_file("sqlite://pagos.db\n", "pagos.db");
    assert_file("sqlite://pagos.db\r\n", "pagos.db");
    assert!(matches!(read("sqlite://pagos.db?mode=rwc\n"), Ok(Target::Sqlite(_))));
    assert_parts("postgres://u:p@db/pagos\n", &["db 5432 u p pagos"]);
}

#[test]
fn debug_does_not_show_the_password() {
    let url: DatabaseUrl = "postgres://u:secreto@db/x".parse().unwrap();
    assert_eq!(format!("{url:?}"), "DatabaseUrl(***)");
}
