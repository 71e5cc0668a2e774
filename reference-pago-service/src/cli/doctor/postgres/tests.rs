//! What is judged of facts, without a server.

use super::super::finding::Status;
use super::*;

fn server() -> Server {
    Server {
        product: "PostgreSQL".to_owned(),
        version: "15.20".to_owned(),
        number: 150_020,
        encoding: "UTF8".to_owned(),
        database: "pagos".to_owned(),
        role: "cajero".to_owned(),
        settings_hold: true,
        connections: 97,
        in_use: 6,
        ..Server::default()
    }
}

fn rights(lacking: &[&str]) -> Rights {
    let lacking = lacking.iter().map(|&right| right.to_owned()).collect();
    Rights { schema: Some("public".to_owned()), migrates: false, lacking }
}

#[test]
fn a_server_is_told_by_its_version_and_encoding() {
    assert_eq!(judge_server(&server()).to_string(), "✔ base de datos: PostgreSQL 15.20, UTF8, base pagos, rol cajero");
}

#[test]
fn a_server_that_cannot_be_used_fails_with_its_remedy() {
    let latin = Server { encoding: "LATIN1".to_owned(), ..server() };
    assert!(judge_server(&latin).to_string().contains("--encoding=UTF8"));
    let standby = Server { only_reads: true, ..server() };
    assert!(judge_server(&standby).to_string().contains("target_session_attrs=read-write"));
    let pooled = Server { settings_hold: false, ..server() };
    assert!(judge_server(&pooled).is_failed());
}

#[test]
fn rights_that_lack_are_named() {
    assert_eq!(judge_rights("cajero", &rights(&[])).status(), Status::Ok);
    let shown = judge_rights("cajero", &rights(&["insert en pagos", "update en clientes"])).to_string();
    assert!(shown.starts_with("✘ permisos: a cajero le falta: insert en pagos, update en clientes; otorgue"), "{shown}");
    let nowhere = Rights { schema: None, ..Rights::default() };
    assert!(judge_rights("nadie", &nowhere).to_string().contains("grant usage on schema public to nadie"));
}

#[test]
fn a_pool_must_fit_into_what_the_server_admits() {
    assert_eq!(judge_pool(92, &server()).status(), Status::Ok, "one of those in use is ours");
    assert_eq!(judge_pool(93, &server()).status(), Status::Warning);
    assert_eq!(judge_pool(98, &server()).status(), Status::Failed);
    let shown = judge_pool(10, &server()).to_string();
    assert_eq!(shown, "✔ conexiones: DATABASE_POOL_SIZE=10; el servidor admite 97 y tiene 92 libres");
}

#[test]
fn what_statements_need_is_told_where_it_is_missing() {
    let probes = |advisory_locks, statements| Probes { advisory_locks, statements };
    let judged = |probes: &Probes| judge_capabilities(&server(), probes).status();
    assert_eq!(judged(&probes(true, Statements::Accepted)), Status::Ok);
    assert_eq!(judged(&probes(true, Statements::NoTables)), Status::Ok);
    assert_eq!(judged(&probes(false, Statements::Accepted)), Status::Warning);
    assert_eq!(judged(&probes(true, Statements::WithoutSkipLocked("syntax error".to_owned()))), Status::Warning);
    assert_eq!(judged(&probes(true, Statements::Refused("syntax error".to_owned()))), Status::Failed);
    let old = Server { number: 140_011, version: "14.11".to_owned(), ..server() };
    let other = Server { product: "CockroachDB".to_owned(), ..server() };
    for server in [old, other] {
        assert_eq!(judge_capabilities(&server, &probes(true, Statements::Accepted)).status(), Status::Warning);
    }
}

#[test]
fn a_clock_is_wrong_by_more_than_two_seconds_and_the_way_there() {
    let judged = |ahead, within| judge_clock(Clock { ahead, within });
    assert_eq!(judged(2_000_000, 0).status(), Status::Ok);
    assert_eq!(judged(-2_000_001, 0).status(), Status::Warning);
    assert_eq!(judged(2_900_000, 1_000_000).status(), Status::Ok, "a slow network says nothing of the clock");
    assert_eq!(judged(i64::MIN, 0).status(), Status::Warning);
    assert_eq!(judged(-1_234_000, 2000).to_string(), "✔ reloj: el del servidor está atrasado 1.234 s (± 0.002 s)");
}
