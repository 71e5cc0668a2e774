//! `docs/standards-check-cli.md`: the commands of `standards-check`, as their help tells them.
//!
//! `ACCEPT_PAGES=1 cargo test -p standards-axum --all-features --test standard commands` writes it.

#[path = "../support/help.rs"]
mod help;
#[path = "../support/pages.rs"]
mod pages;

use std::process::Command;

const BEGINNING: &str = "# standards-check: command line

Made by `ACCEPT_PAGES=1 cargo test -p standards-axum --all-features --test standard commands`, and compared by the same test: the help of each command, as it
prints it. What it judges and how to read its reports stands in [standards-check.md](standards-check.md).
";

#[test]
fn the_page_of_commands_is_what_their_help_tells() {
    let ask = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_standards-check")).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    pages::assert_page("docs/standards-check-cli.md", &help::page(BEGINNING, "standards-check", &ask));
}
