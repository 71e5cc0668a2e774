//! The command as an operator runs it.

use super::tamper;
use crate::http::service::{run, url_of};
use crate::support::{Fixture, on_both_engines};

on_both_engines!(empty: the_verdict_is_a_line_and_a_status);

/// Runs the binary on the fixture's database: how it ends, what it says, what it complains of.
pub(crate) async fn told(fixture: &Fixture, arguments: &[&str]) -> (Option<i32>, String, String) {
    let salida = run(arguments, &[("DATABASE_URL", &url_of(fixture).await)]);
    (salida.status, salida.stdout, salida.stderr)
}

const MISSING: &str = "error: the database has no ledger yet: run `migrate up`\n";
const VIOLATION: &str = "cliente 1: saldo 0.00, but recargas less pagos are 1.00\nledger: 1 clientes, 0 pagos, 1 violations\n";

async fn the_verdict_is_a_line_and_a_status(fixture: Fixture) {
    let verify = ["verify-ledger"];
    assert_eq!(told(&fixture, &verify).await, (Some(1), String::new(), MISSING.to_owned()));
    let fixture = Fixture::migrated(fixture).await;
    fixture.created("ana@x.cl", "1.00").await;
    let verdict = "ledger: 1 clientes, 0 pagos, 0 violations\n".to_owned();
    assert_eq!(told(&fixture, &verify).await, (Some(0), verdict, String::new()));
    tamper(&fixture.database, "update clientes set saldo = 0.00").await;
    assert_eq!(told(&fixture, &verify).await, (Some(1), VIOLATION.to_owned(), String::new()));
}
