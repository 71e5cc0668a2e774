use sqlx::postgres::PgConnectOptions;

use super::read;
use crate::database::servers::Servers;
use crate::database::url::{DatabaseUrl, DatabaseUrlError, Target};

#[track_caller]
pub(super) fn servers(url: &str) -> Servers {
    match read(url) {
        Ok(Target::Postgres(servers)) => servers,
        Ok(Target::Sqlite(_)) => panic!("{url} is SQLite"),
        Err(error) => panic!("{url}: {error}"),
    }
}

#[track_caller]
pub(super) fn server(url: &str) -> PgConnectOptions {
    servers(url).hosts()[0].clone()
}

#[track_caller]
pub(super) fn assert_named(query: &str, name: &str) {
    let error = read(&format!("postgres://u:secreto@db/x?{query}")).err().unwrap_or_else(|| panic!("{query} is taken"));
    assert!(matches!(&error, DatabaseUrlError::Parameter { name: named, .. } if named == name), "{query}: {error}");
    assert!(!error.to_string().contains("secreto"), "{error}");
}

#[test]
fn settings_of_the_session_are_passed_on() {
    let options = |query: &str| server(&format!("postgres://db/x?{query}")).get_options().unwrap_or_default().to_owned();
    assert_eq!(options("search_path=pagos,public"), "-c search_path=pagos,public");
    assert_eq!(options("currentSchema=pagos"), "-c search_path=pagos");
    assert_eq!(options("schema=Mis%20pagos"), "-c search_path=\"Mis\\ pagos\"");
    assert_eq!(options("options=-c%20work_mem%3D8MB"), "-c work_mem=8MB");
    assert_eq!(options("options=-c work_mem=8MB&search_path=a"), "-c work_mem=8MB -c search_path=a");
    assert_eq!(options("options[work_mem]=8MB&options[role]=a b"), "-c work_mem=8MB -c role=a\\ b");
    let name = |query: &str| server(&format!("postgres://db/x?{query}")).get_application_name().map(str::to_owned);
    assert_eq!(name("application_name=caja").as_deref(), Some("caja"));
    assert_eq!(name("fallback_application_name=caja").as_deref(), Some("caja"));
    assert_eq!(name("application_name=a&fallback_application_name=b").as_deref(), Some("a"));
}

const ONLY: [&str; 11] = [
    "channel_binding=prefer",
    "channel_binding=disable",
    "client_encoding=UTF8",
    "gssencmode=prefer",
    "load_balance_hosts=disable",
    "sslsni=1",
    "sslcompression=0",
    "sslnegotiation=postgres",
    "ssl_min_protocol_version=TLSv1.2",
    "statement-cache-capacity=50",
    "&",
];

#[test]
fn a_value_that_asks_for_what_is_done_anyway_is_taken() {
    for query in ONLY {
        servers(&format!("postgres://db/x?{query}"));
    }
}

const REFUSED: [&str; 39] = [
    "channel_binding=require",
    "client_encoding=latin1",
    "connect_timeout=secreto",
    "connect_timeout=-1",
    "gssencmode=require",
    "hostaddr=secreto",
    "keepalives=1",
    "krbsrvname=secreto",
    "load_balance_hosts=random",
    "options=-c%20statement_timeout%3D0",
    "passfile=secreto",
    "pgbouncer=true",
    "port=secreto",
    "port=0",
    "port=1,2",
    "replication=database",
    "require_auth=scram-sha-256",
    "requirepeer=secreto",
    "requiressl=1",
    "schema=a&search_path=b",
    "service=secreto",
    "ssl=false",
    "ssl=secreto",
    "ssl_min_protocol_version=TLSv1.3",
    "sslcert=/secreto.pem",
    "sslcrl=secreto",
    "sslkey=/secreto.pem",
    "sslmode=allow",
    "sslmode=secreto",
    "sslmode=require&sslmode=disable",
    "sslpassword=secreto",
    "sslrootcert=/no/such/secreto.pem",
    "sslrootcert=system",
    "sslsni=0",
    "statement-cache-capacity=0",
    "target_session_attrs=read-only",
    "target_session_attrs=standby",
    "target_session_attrs=secreto",
    "desconocido=secreto",
];

#[test]
fn what_cannot_be_honoured_is_refused_by_name() {
    for query in REFUSED {
        assert_named(query, query.split('=').next().unwrap());
    }
    assert_named("ssl=true&sslmode=disable", "ssl");
    assert_named("sslMode=secreto", "sslMode");
    assert_named("host=db&hostaddr=10.0.0.1&sslmode=verify-full", "hostaddr");
    assert_named("sslmode=disable&ssl-mode=require", "ssl-mode");
}

#[test]
fn libpqs_variables_are_honoured_or_refused_too() {
    let read = |variable: &'static str, value: &'static str, query: &str| {
        DatabaseUrl::read(&format!("postgres://db/x?{query}"), &|asked| (asked == variable).then(|| value.to_owned()))
    };
    let mode = |url: Result<DatabaseUrl, DatabaseUrlError>| match url.map(|url| url.0) {
        Ok(Target::Postgres(servers)) => format!("{:?}", servers.hosts()[0].get_ssl_mode()),
        _ => panic!("refused"),
    };
    assert_eq!(mode(read("PGSSLMODE", "verify-full", "")), "VerifyFull");
    assert_eq!(mode(read("PGSSLMODE", "verify-full", "sslmode=disable")), "Disable");
    assert_eq!(mode(read("PGSSLMODE", "", "")), "Prefer");
    for (variable, value) in
        [("PGSSLMODE", "verify_everything"), ("PGCHANNELBINDING", "require"), ("PGSSLROOTCERT", "/nada"), ("PGPORT", "x")]
    {
        let error = read(variable, value, "").unwrap_err();
        assert!(matches!(&error, DatabaseUrlError::Parameter { name, .. } if name == variable), "{error}");
    }
}
