//! `ARCHITECTURE.md` speaks of what is there: its map is complete, its invariants name the tests that keep them, its walks stop at
//! functions that exist.

use std::path::{Path, PathBuf};

use regex::Regex;

const WALKS: [&str; 4] = ["a good payment", "a refusal", "a panic", "a log line"];
const CRATES: [&str; 3] = ["standards-core", "standards-axum", "reference-pago-service"];

#[test]
fn every_room_is_on_the_map() {
    let map = section("The map");
    let rooms = CRATES.iter().flat_map(|name| rooms(&format!("{name}/src")));
    let missing: Vec<String> = rooms.filter(|room| !map.contains(&format!("`{room}`"))).collect();
    assert!(missing.is_empty(), "not on the map: {missing:#?}");
}

#[test]
fn every_path_exists() {
    let missing: Vec<String> = quoted(&document()).into_iter().filter(|name| !exists(name)).collect();
    assert!(missing.is_empty(), "ARCHITECTURE.md names what is not there: {missing:#?}");
}

#[test]
fn every_invariant_names_what_keeps_it() {
    let invariants = items(&section("Invariants"), "- ");
    assert!(!invariants.is_empty());
    for invariant in invariants {
        let keepers = quoted(&invariant).into_iter().filter(|name| is_test(name)).count();
        assert!(keepers > 0, "no test is named: {invariant}");
    }
}

#[test]
fn every_stop_of_a_walk_is_a_function() {
    for walk in WALKS {
        let stops = items(&section(&format!("The walk of {walk}")), "1. ");
        assert!(!stops.is_empty(), "no stops: {walk}");
        for stop in stops {
            assert!(quoted(&stop).iter().any(|name| name.contains("::")), "no `file::function` in this stop of {walk}: {stop}");
        }
    }
}

fn document() -> String {
    std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// What stands under a heading of the second rank.
#[track_caller]
fn section(heading: &str) -> String {
    let document = document();
    let mut sections = document.split("\n## ").skip(1);
    let found = sections.find_map(|section| section.strip_prefix(heading)?.strip_prefix('\n'));
    found.unwrap_or_else(|| panic!("no section {heading:?}")).to_owned()
}

/// The items of a list, whose lines after the first are indented; `1. ` stands for any number.
fn items(section: &str, marker: &str) -> Vec<String> {
    let start = Regex::new(if marker == "1. " { r"^[0-9]+\. " } else { "^- " }).unwrap();
    let mut items: Vec<String> = Vec::new();
    for line in section.lines() {
        match items.last_mut() {
            _ if start.is_match(line) => items.push(line.to_owned()),
            Some(item) if line.starts_with(' ') => *item += line,
            _ => {}
        }
    }
    items
}

/// What stands in backquotes and names something in this repository.
fn quoted(text: &str) -> Vec<String> {
    let name =
        Regex::new(r"`((?:standards-core|standards-axum|reference-pago-service|examples|scripts|docs|\.ci)/[!-_a-~]*)`").unwrap();
    name.captures_iter(text).map(|found| found[1].to_owned()).collect()
}

/// The folders and files directly in one folder of sources, but its door.
fn rooms(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(root().join(folder)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let rooms = names.filter(|name| !matches!(name.as_str(), "lib.rs" | "main.rs"));
    rooms.map(|name| format!("{folder}/{name}")).filter(|room| !is_door(room)).collect()
}

/// Whether it is `room.rs` beside the folder `room`.
fn is_door(room: &str) -> bool {
    room.strip_suffix(".rs").is_some_and(|folder| root().join(folder).is_dir())
}

/// Whether there is this file or folder; with `::`, this function or this type's function in it.
fn exists(name: &str) -> bool {
    let mut parts = name.split("::");
    let Ok(text) = std::fs::read_to_string(root().join(parts.next().unwrap())) else {
        return !name.contains("::") && root().join(name).exists();
    };
    match (parts.next(), parts.next()) {
        (None, _) => true,
        (Some(function), None) => owners(&text, function).next().is_some(),
        (Some(owner), Some(method)) => {
            let owner = Regex::new(&format!(r"(?-u)\b{owner}\b")).unwrap();
            owners(&text, method).any(|header| owner.is_match(header))
        }
    }
}

/// For each function of that name, the line of the `impl` or trait that it stands in, or an empty one.
fn owners<'a>(text: &'a str, function: &str) -> impl Iterator<Item = &'a str> {
    let definition =
        Regex::new(&format!(r"(?-u)^ *(?:\$\()?(?:pub(?:\([a-z: ]*\))? )?(?:const |async |unsafe )*fn {function}\b")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let found = (0..lines.len()).filter(move |at| definition.is_match(lines[*at]));
    found.map(|at| owner_of(text, at)).collect::<Vec<_>>().into_iter()
}

fn owner_of(text: &str, at: usize) -> &str {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let is_header = Regex::new(r"(?-u)^ *(?:pub(?:\([a-z: ]*\))? )?(?:impl|trait)\b").unwrap();
    let lines: Vec<&str> = text.lines().take(at + 1).collect();
    let within = indent(lines[at]);
    lines.iter().rev().find(|line| is_header.is_match(line) && indent(line) < within).copied().unwrap_or_default()
}

/// Whether it is a test, or a program that checks something by itself.
fn is_test(name: &str) -> bool {
    let is_program = name.starts_with("scripts/") || name.starts_with(".ci/");
    let Some((file, _)) = name.split_once("::").filter(|_| !is_program) else { return is_program && exists(name) };
    let text = std::fs::read_to_string(root().join(file)).unwrap_or_default();
    exists(name) && (file.contains("/tests/") || text.contains("#[test]") || text.contains("#[tokio::test"))
}
