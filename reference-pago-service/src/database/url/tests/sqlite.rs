use std::path::Path;

use super::read;
use crate::database::url::{DatabaseUrlError, Target};

#[track_caller]
pub(super) fn assert_file(url: &str, expected: &str) {
    match read(url) {
        Ok(Target::Sqlite(options)) => assert_eq!(options.get_filename(), Path::new(expected), "{url}"),
        Ok(Target::Postgres(_)) => panic!("{url} is PostgreSQL"),
        Err(error) => panic!("{url}: {error}"),
    }
}

#[test]
fn a_sqlite_file_is_the_one_that_is_meant() {
    assert_file("sqlite:pagos.db", "pagos.db");
    assert_file("sqlite://pagos.db?mode=rwc", "pagos.db");
    assert_file("sqlite://./pagos.db", "./pagos.db");
    assert_file("sqlite:///var/lib/pagos.db", "/var/lib/pagos.db");
    assert_file("sqlite:/var/lib/pagos.db", "/var/lib/pagos.db");
    assert_file("sqlite:///./pagos.db", "./pagos.db");
    assert_file("sqlite:///../datos/pagos.db", "../datos/pagos.db");
    assert_file("sqlite:////var/lib/pagos.db", "/var/lib/pagos.db");
    assert_file("sqlite:////pagos.db", "/pagos.db");
    assert_file("sqlite://a%20b%3F.db?mode=rw&cache=private", "a b?.db");
    assert_file("sqlite://a#b.db", "a#b.db");
}

#[test]
fn a_database_in_memory_is_refused() {
    for url in [
        "sqlite:",
        "sqlite://",
        "sqlite:///",
        "sqlite::memory:",
        "sqlite://:memory:",
        "sqlite:///:memory:",
        "sqlite://%3Amemory%3A",
        "sqlite://x?mode=memory",
        "sqlite://x?mode=%6demory",
    ] {
        assert_eq!(read(url).err(), Some(DatabaseUrlError::InMemory), "{url}");
    }
}

#[test]
fn a_sqlite_url_that_cannot_be_honoured_is_refused() {
    for url in ["sqlite:///x.db", "sqlite://file:x.db", "sqlite://%ff", "sqlite://x%", "sqlite://a\nb", "sqlite://x?mode"] {
        assert!(matches!(read(url), Err(DatabaseUrlError::Form(_))), "{url:?}");
    }
    for (query, name) in
        [("mode=y", "mode"), ("cache=shared", "cache"), ("immutable=1", "immutable"), ("timeout=5", "timeout"), ("y=1", "y")]
    {
        let error = read(&format!("sqlite://x?{query}")).err().unwrap();
        assert!(matches!(&error, DatabaseUrlError::Parameter { name: named, .. } if named == name), "{error}");
    }
}
