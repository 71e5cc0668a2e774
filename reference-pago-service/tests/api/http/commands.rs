//! `docs/cli.md`: the commands of the service, as their help tells them.
//!
//! `ACCEPT_PAGES=1 cargo test -p reference-pago-service --test api commands` writes it.

#[path = "../../../../standards-axum/tests/support/help.rs"]
mod help;

use super::service::run;
use crate::compliance::pages::assert_page;

const BEGINNING: &str = "# Command line

Made by `ACCEPT_PAGES=1 cargo test -p reference-pago-service --test api commands`, and compared by the same test: the help of each command, as it prints it.
Standard output belongs to the command, standard error tells why it failed; only `serve` logs. How an own service comes by its commands stands in
[adoption.md](adoption.md#settings-state-commands); those of `standards-check` are [on a page of their own](standards-check-cli.md).
";

#[test]
fn the_page_of_commands_is_what_their_help_tells() {
    let ask = |arguments: &[&str]| {
        let printed = run(arguments, &[]);
        assert_eq!((printed.status, printed.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        printed.stdout
    };
    assert_page("docs/cli.md", &help::page(BEGINNING, "reference-pago-service", &ask));
}
