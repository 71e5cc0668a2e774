//! The command as an operator runs it.

use std::path::Path;
use std::process::{Command, Output};

use reference_pago_service::database::Database;

use super::tamper;
use crate::support::{Fixture, on_sqlite};

/// Runs the service's binary on a SQLite file, far from any `.env`.
pub(crate) fn run(file: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_reference-pago-service"))
        .args(arguments)
        .env("DATABASE_URL", format!("sqlite://{}", file.display()))
        .current_dir(file.parent().unwrap())
        .output()
        .unwrap()
}

pub(crate) fn file(database: &Database) -> std::path::PathBuf {
    let Database::Sqlite(sqlite) = database else { panic!("not SQLite") };
    sqlite.readers().connect_options().get_filename().to_owned()
}

#[track_caller]
pub(crate) fn assert_output(output: &Output, status: i32, stdout: &str, stderr: &str) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    assert_eq!((text(&output.stdout).as_str(), text(&output.stderr).as_str()), (stdout, stderr));
    assert_eq!(output.status.code(), Some(status));
}

const MISSING: &str = "error: the database has no ledger yet: run `migrate up`\n";
const VIOLATION: &str = "cliente 1: saldo 0.99, but recargas less pagos are 1.00\nledger: 1 clientes, 0 pagos, 1 violations\n";

#[tokio::test]
async fn the_verdict_is_a_line_and_a_status() {
    on_sqlite(async |fixture| {
        let file = file(&fixture.database);
        assert_output(&run(&file, &["verify-ledger"]), 1, "", MISSING);
        let fixture = Fixture::migrated(fixture).await;
        fixture.creado("ana@x.cl", "1.00").await;
        assert_output(&run(&file, &["verify-ledger"]), 0, "ledger: 1 clientes, 0 pagos, 0 violations\n", "");
        tamper(&fixture.database, "update clientes set saldo = saldo - 1").await;
        assert_output(&run(&file, &["verify-ledger"]), 1, VIOLATION, "");
    })
    .await;
}
