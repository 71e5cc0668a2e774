//! Packages that a test makes, to see what the compiler says of them.
//!
//! They take the workspace's locked dependencies and its target folder, so that what has been built for the tests serves here too.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

pub(crate) const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The dependencies as listed, those of this repository where they are.
pub(crate) fn located(listed: &str) -> String {
    let root = Path::new(ROOT).canonicalize().unwrap();
    let located = listed.lines().map(|line| {
        let ours = ["standards-core", "standards-axum"].into_iter().find(|ours| line.contains(&format!("{ours}\"")));
        match (ours, line.split_once("path = \"")) {
            (Some(ours), Some((before, after))) => {
                format!("{before}path = {:?}{}", root.join(ours), after.split_once('"').unwrap().1)
            }
            _ => line.to_owned(),
        }
    });
    located.collect::<Vec<_>>().join("\n")
}

/// The profile is that of this workspace, so that what it has built is used.
pub(crate) fn manifest(name: &str, listed: &str) -> String {
    format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n{listed}\n\n\
         [lib]\npath = \"lib.rs\"\n\n[workspace]\n\n[profile.dev.package.\"*\"]\ndebug = false\n"
    )
}

/// What has not changed is not written, so that it is not built again.
pub(crate) fn write(path: &Path, text: &str) {
    if fs::read_to_string(path).ok().as_deref() != Some(text) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// Runs `cargo check` with these arguments on the package in `folder`.
pub(crate) fn check(folder: &Path, arguments: &[&str]) -> Output {
    fs::copy(Path::new(ROOT).join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    cargo(folder, &[&["check"], arguments].concat())
}

/// Runs cargo on the package in `folder`, with what this workspace has built: the lints, where the tests are built to measure coverage.
pub(crate) fn cargo(folder: &Path, arguments: &[&str]) -> Output {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"] {
        cargo.env_remove(name);
    }
    cargo.args(arguments).args(["--offline", "--target-dir"]).arg(target).current_dir(folder).output().unwrap()
}
