//! The log of a whole process: what reaches standard output, and that nothing reaches standard error.
//!
//! This program runs itself, once per scene, and looks at what the child wrote. It has no test harness, because a harness writes to
//! standard output itself.
#![expect(clippy::disallowed_methods, reason = "tasks of a test belong to no request")]
#![expect(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a program of tests")]

mod child;
mod parent;

use std::io::Write as _;
use std::panic::catch_unwind;

/// Names the scene that a child plays.
const SCENE: &str = "STANDARDS_LOG_SCENE";

/// What the parent asserts, by name.
const TESTS: &[(&str, fn())] = &[
    ("everything_is_a_record_and_nothing_else_is_written", parent::everything_is_a_record),
    ("a_lost_guard_loses_no_record", parent::a_lost_guard_loses_no_record),
    ("a_value_that_logs_or_panics_leaves_valid_lines", parent::a_value_that_logs_or_panics),
    ("a_blocked_pipe_stalls_nobody_and_every_loss_is_told", parent::a_blocked_pipe_stalls_nobody),
    ("a_blocked_pipe_does_not_hold_up_the_end", parent::a_blocked_pipe_does_not_hold_up_the_end),
    ("the_request_is_known_at_any_level", parent::the_request_is_known_at_any_level),
    ("levels_change_and_return", parent::levels_change_and_return),
    ("a_panic_that_ends_the_process_is_written", parent::a_panic_that_ends_the_process),
    ("a_subscriber_of_ones_own_with_our_layer_writes_everything", parent::our_layer_in_a_subscriber),
    ("a_subscriber_of_ones_own_without_our_layer_is_told_too", parent::a_subscriber_without_our_layer),
    ("a_panic_that_no_log_takes_is_printed", parent::a_panic_without_a_log),
    ("no_canary_survives_in_100_000_lines", parent::no_canary_survives),
];

fn main() -> std::process::ExitCode {
    if let Ok(scene) = std::env::var(SCENE) {
        child::play(&scene);
        return std::process::ExitCode::SUCCESS;
    }
    let failed = TESTS.iter().filter(|(name, test)| !passes(name, *test)).count();
    say(&format!(
        "\ntest result: {}. {} passed; {failed} failed;\n",
        if failed == 0 { "ok" } else { "FAILED" },
        TESTS.len() - failed
    ));
    if failed == 0 { std::process::ExitCode::SUCCESS } else { std::process::ExitCode::FAILURE }
}

fn passes(name: &str, test: fn()) -> bool {
    let passed = catch_unwind(test).is_ok();
    say(&format!("test {name} ... {}\n", if passed { "ok" } else { "FAILED" }));
    passed
}

fn say(text: &str) {
    std::io::stdout().write_all(text.as_bytes()).expect("standard output");
}
