use std::path::Path;

use sqlx::postgres::PgSslMode;

use super::parameters::{assert_named, server, servers};

const MODES: [(&str, PgSslMode); 9] = [
    ("", PgSslMode::Prefer),
    ("ssl=true", PgSslMode::Require),
    ("ssl=1", PgSslMode::Require),
    ("SSL=true&sslmode=verify-full", PgSslMode::VerifyFull),
    ("ssl=verify-full", PgSslMode::VerifyFull),
    ("sslMode=verify-full", PgSslMode::VerifyFull),
    ("ssl-mode=VERIFY-CA", PgSslMode::VerifyCa),
    ("sslmode=require", PgSslMode::Require),
    ("sslmode=disable", PgSslMode::Disable),
];

#[test]
fn encryption_is_what_was_asked_for() {
    let mode = |query: &str| format!("{:?}", server(&format!("postgres://db/x?{query}")).get_ssl_mode());
    for (query, expected) in MODES {
        assert_eq!(mode(query), format!("{expected:?}"), "{query}");
    }
    let directory = tempfile::tempdir().unwrap();
    let ca = pem(directory.path(), "ca.pem", "CERTIFICATE");
    for (asked, expected) in [("sslmode=require", "VerifyCa"), ("ssl=true", "VerifyCa"), ("sslmode=verify-full", "VerifyFull")] {
        assert_eq!(mode(&format!("{asked}&sslrootcert={ca}")), expected);
    }
}

fn pem(directory: &Path, name: &str, label: &str) -> String {
    let path = directory.join(name);
    std::fs::write(&path, format!("-----BEGIN {label}-----\n-----END {label}-----\n")).unwrap();
    path.display().to_string()
}

#[test]
fn certificates_are_looked_at_before_the_service_starts() {
    let directory = tempfile::tempdir().unwrap();
    let ca = pem(directory.path(), "ca.pem", "CERTIFICATE");
    let key = pem(directory.path(), "key.pem", "PRIVATE KEY");
    for query in [
        format!("sslmode=verify-full&sslrootcert={}", directory.path().display()),
        format!("sslmode=verify-full&sslrootcert={key}"),
        format!("sslmode=prefer&sslrootcert={ca}"),
        format!("sslrootcert={ca}"),
        "sslmode=verify-full&sslrootcert=/dev/zero".to_owned(),
    ] {
        assert_named(&query, "sslrootcert");
    }
    assert_named(&format!("sslcert={ca}"), "sslcert");
    assert_named(&format!("sslkey={key}"), "sslkey");
    assert_named(&format!("sslcert={ca}&sslkey={ca}"), "sslkey");
    assert_named(&format!("sslmode=disable&sslcert={ca}&sslkey={key}"), "sslcert");
    servers(&format!("postgres://db/x?sslmode=require&sslcert={ca}&sslkey={key}"));
    assert_named("host=/var/run/postgresql&sslmode=require", "sslmode");
    assert_named("host=/var/run/postgresql&ssl=true", "ssl");
}
