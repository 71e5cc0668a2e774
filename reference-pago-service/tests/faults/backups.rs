//! The drill of backup and restore, as an operator runs it.

use std::process::Command;

use crate::support::{binary, postgres_is_there};

/// Each part is loaded so long, in seconds.
const LOADED: &str = "0.3";

#[test]
fn what_was_acknowledged_before_the_moment_is_restored() {
    if !postgres_is_there() {
        return;
    }
    let drill = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/backup-drill");
    let ran = Command::new(drill).args(["--binary", &binary(), "--seconds", LOADED]).output().unwrap();
    let [said, failed] = [ran.stdout, ran.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(ran.status.success(), "{said}{failed}");
    for engine in ["PostgreSQL", "SQLite"] {
        assert!(said.contains(&format!("{engine}: ")), "{said}");
    }
    eprintln!("{said}");
}
