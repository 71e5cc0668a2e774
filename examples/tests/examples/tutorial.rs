//! `docs/tutorial.md`, followed: what it has one write is written into a service that `standards-check new` has made, which then compiles and,
//! with `TUTORIAL=run`, passes its tests and answers as the page shows.
//!
//! What stands before a block says where it goes: "Al final de `FILE`:", "Cree `FILE`:" or "En `FILE`, después de `LINE`:".

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use standards_axum::conformance::command_line;

use crate::guides::fences_of;
use crate::packages::{self, ROOT};
use crate::process::Process;

/// What is done to a file.
#[derive(Debug)]
enum Edit<'a> {
    Append(&'a str),
    Create(&'a str),
    Insert(&'a str, &'a str),
}

/// What a line tells to do with the block below it.
fn edit(line: &str) -> Option<Edit<'_>> {
    let quoted: Vec<&str> = line.split('`').collect();
    match quoted[..] {
        ["Al final de ", file, ":"] => Some(Edit::Append(file)),
        ["Cree ", file, ":"] => Some(Edit::Create(file)),
        ["En ", file, ", después de ", after, ":"] => Some(Edit::Insert(file, after)),
        _ => None,
    }
}

impl Edit<'_> {
    #[track_caller]
    fn apply(&self, service: &Path, block: &str) {
        let (Edit::Append(file) | Edit::Create(file) | Edit::Insert(file, _)) = self;
        let file = service.join(file);
        let text = fs::read_to_string(&file).unwrap_or_default();
        let edited = match self {
            Edit::Append(_) => format!("{text}\n{block}"),
            Edit::Create(_) => block.to_owned(),
            Edit::Insert(_, after) => {
                let (before, rest) = text.split_once(&format!("{after}\n")).expect("the line after which it goes");
                format!("{before}{after}\n{block}{rest}")
            }
        };
        assert!(!matches!(self, Edit::Append(_)) || !text.is_empty(), "{self:?}: no such file");
        fs::write(file, edited).unwrap();
    }
}

fn page() -> String {
    fs::read_to_string(Path::new(ROOT).join("docs/tutorial.md")).unwrap()
}

/// Does what the page tells, and says how often.
fn follow(page: &str, service: &Path) -> usize {
    let lines: Vec<&str> = page.lines().collect();
    let mut followed = 0;
    for (language, line, block) in fences_of(page) {
        let before = lines[..line - 1].iter().rev().find(|line| !line.is_empty()).unwrap();
        match edit(before) {
            Some(edit) => edit.apply(service, &block),
            None => assert!(!language.starts_with("rust") && language != "toml", "docs/tutorial.md:{line}: where does it go?"),
        }
        followed += usize::from(edit(before).is_some());
    }
    followed
}

/// A service as the page has it made, in a folder that is kept for the next run.
async fn made() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tutorial");
    let _ = fs::remove_dir_all(&folder);
    let arguments = ["standards-check", "new", "ms-inventario", "--path", folder.to_str().unwrap()];
    assert_eq!(command_line(arguments.map(Into::into)).await, ExitCode::SUCCESS);
    folder
}

/// cargo on that service, which has to succeed.
fn cargo(folder: &Path, arguments: &[&str]) {
    let output = packages::cargo(folder, arguments);
    assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
}

/// The page's `$ curl ..` lines and what stands below each.
fn exchanges(page: &str) -> Vec<(&str, &str)> {
    let lines: Vec<&str> = page.lines().collect();
    lines.windows(2).filter_map(|pair| Some((pair[0].strip_prefix("$ ")?, pair[1]))).collect()
}

/// Tests the service and asks it, as the page does.
fn run(folder: &Path) {
    cargo(folder, &["test"]);
    let database = format!("sqlite://{}", folder.join("productos.db").display());
    let binary = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("debug/ms-inventario");
    let service = Process::start(binary.to_str().unwrap(), &[("DATABASE_URL", database)]);
    for (command, expected) in exchanges(&page()) {
        let here = command.replace("127.0.0.1:8000", &service.address);
        let output = Command::new("sh").args(["-c", &here]).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap().trim_end(), expected, "{command}");
    }
}

#[tokio::test]
async fn a_newcomer_who_follows_the_page_has_a_service_that_holds() {
    let folder = made().await;
    assert_eq!(follow(&page(), &folder), 10);
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    // As this workspace has it, so that what it has built is used.
    fs::write(folder.join("Cargo.toml"), format!("{manifest}\n[workspace]\n\n[profile.dev.package.\"*\"]\ndebug = false\n"))
        .unwrap();
    fs::copy(Path::new(ROOT).join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    if std::env::var("TUTORIAL").is_ok_and(|tutorial| tutorial == "run") {
        run(&folder);
    } else {
        cargo(&folder, &["check", "--tests"]);
    }
}
