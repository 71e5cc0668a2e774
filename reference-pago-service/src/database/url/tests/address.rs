use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;

use super::parameters::{server, servers};
use super::read;
use crate::database::servers::Wanted;
use crate::database::url::DatabaseUrlError;

/// Host or socket, port, user, password, database.
fn parts(session: &PgConnectOptions) -> String {
    let host = session.get_socket().map_or_else(|| session.get_host().to_owned(), |path| path.display().to_string());
    // The driver makes no URL of an address with colons.
    let url = session.clone().host("db").to_url_lossy();
    let password = url.password().unwrap_or("-");
    let database = session.get_database().unwrap_or("-");
    format!("{host} {} {} {password} {database}", session.get_port(), session.get_username())
}

#[track_caller]
pub(super) fn assert_parts(url: &str, expected: &[&str]) {
    assert_eq!(servers(url).hosts().iter().map(parts).collect::<Vec<_>>(), expected, "{url}");
}

#[test]
fn libpqs_forms_are_read() {
    assert_parts("postgresql://u:p@db:5433/pagos", &["db 5433 u p pagos"]);
    assert_parts("postgres://u:p@[::1]:5433/pagos", &["::1 5433 u p pagos"]);
    assert_parts("postgres://u:p@[2001:db8::1234]/pagos", &["2001:db8::1234 5432 u p pagos"]);
    assert_parts("postgres://u:p@%2Fvar%2Frun%2Fpostgresql/pagos", &["/var/run/postgresql 5432 u p pagos"]);
    assert_parts("postgres://u:p@%2Fvar%2Frun:5433/pagos", &["/var/run 5433 u p pagos"]);
    assert_parts("postgres://u:p@/pagos?host=/var/run/postgresql", &["/var/run/postgresql 5432 u p pagos"]);
    assert_parts(
        "postgres:///pagos?host=/var/run/postgresql&user=u&password=p&port=5433",
        &["/var/run/postgresql 5433 u p pagos"],
    );
    assert_parts("postgres://localhost/x?host=/cloudsql/a:b&user=u&password=p&dbname=pagos", &["/cloudsql/a:b 5432 u p pagos"]);
    assert_parts("postgres://u:p@db/pagos?hostaddr=10.0.0.7", &["10.0.0.7 5432 u p pagos"]);
    assert_parts("postgres://u:p@db:7/pagos?hostaddr=10.0.0.7", &["10.0.0.7 7 u p pagos"]);
    assert_parts("postgres://u:p@db:7/pagos?host=a,b", &["a 7 u p pagos", "b 7 u p pagos"]);
    assert_parts("postgres://u:p@db?dbname=pagos", &["db 5432 u p pagos"]);
    assert_parts("postgres://u:p@db:/pagos", &["db 5432 u p pagos"]);
}

#[test]
fn several_hosts_are_read() {
    assert_parts("postgres://u:p@a,b/x", &["a 5432 u p x", "b 5432 u p x"]);
    assert_parts("postgres://u:p@a:1,[::1]:2,%2Frun/x", &["a 1 u p x", "::1 2 u p x", "/run 5432 u p x"]);
    assert_parts("postgres://u:p@/x?host=a,b&port=1,2", &["a 1 u p x", "b 2 u p x"]);
    assert_parts("postgres://u:p@/x?host=a,b&port=7", &["a 7 u p x", "b 7 u p x"]);
    assert_parts("postgres://u:p@/x?hostaddr=10.0.0.1,::1", &["10.0.0.1 5432 u p x", "::1 5432 u p x"]);
    assert_eq!(servers("postgres://a,b/x?target_session_attrs=read-write").terms(), (None, Wanted::ReadWrite));
    let limited = servers("postgres://a,b/x?connect_timeout=3&target_session_attrs=primary");
    assert_eq!(limited.terms(), (Some(Duration::from_secs(3)), Wanted::Primary));
    assert_eq!(servers("postgres://a/x?connect_timeout=0&target_session_attrs=any").terms(), (None, Wanted::Any));
}

#[test]
fn each_of_several_hosts_has_its_share_of_the_patience() {
    let limit = |url| servers(url).with(Duration::from_secs(1), Clone::clone).terms().0;
    assert_eq!(limit("postgres://a,b/x"), Some(Duration::from_millis(500)));
    assert_eq!(limit("postgres://a,b/x?connect_timeout=3"), Some(Duration::from_millis(500)));
    assert_eq!(limit("postgres://a/x?connect_timeout=3"), Some(Duration::from_secs(3)));
    assert_eq!(limit("postgres://a/x"), None);
}

#[test]
fn every_character_of_a_password_arrives() {
    let all = "p@/:?#[]% +&='\"\\ñ\u{1F600}";
    let encoded = utf8_percent_encode(all, NON_ALPHANUMERIC).to_string();
    for url in [format!("postgres://u:{encoded}@db/x"), format!("postgres://u@db/x?password={encoded}")] {
        let shown = server(&url).to_url_lossy().password().unwrap().to_owned();
        assert_eq!(percent_decode_str(&shown).decode_utf8().unwrap(), all);
    }
    assert_parts("postgres://u:a@b#c@db/x", &["db 5432 u a%40b%23c x"]);
    assert_parts("postgres://u%40tenant:a+b@db/x", &["db 5432 u@tenant a%2Bb x"]);
}

const NO_URLS: [&str; 24] = [
    "postgres:",
    "postgres:/db/secreto",
    "postgres:secreto",
    "postgres://db:secreto",
    "postgres://u:secreto@db:0/x",
    "postgres://u:secreto@db:65536/x",
    "postgres://u:secreto@db:+1/x",
    "postgres://u:secreto@[db]/x",
    "postgres://u:secreto@[::1]x/x",
    "postgres://u:secreto@::1/x",
    "postgres://u:secreto@a,,b/x",
    "postgres://u:secreto@a b/x",
    "postgres://u:secreto@a,b/x?host=c",
    "postgres://u:secreto@a,b,c,d,e,f,g,h,i/x",
    "postgres://u:secreto%@db/x",
    "postgres://u:secreto%zz@db/x",
    "postgres://u:secreto%ff@db/x",
    "postgres://u:secreto%00@db/x",
    "postgres://u:sec/reto@db/x",
    "postgres://u:12,sec/reto@db/x",
    "postgres://u:se?cre=to@db/x",
    "postgres://u@db/x?secreto",
    "postgres://u:\nsecreto@db/x",
    "postgres://u@db/x?se%20creto=1",
];

#[test]
fn what_is_no_url_is_refused_without_showing_it() {
    for url in NO_URLS {
        let error = read(url).err().unwrap_or_else(|| panic!("{url:?} is taken")).to_string();
        assert!(matches!(read(url), Err(DatabaseUrlError::Form(_))), "{url:?}: {error}");
        assert!(!error.contains("secreto") && !error.contains("reto@"), "{error}");
    }
}
