//! TST-02: the tests that ran, against the operations that the profile calls critical.

use regex_lite::Regex;
use standards_core::rules::Bilingual;

use super::{EVIDENCE_BYTES, Said, unreadable, xml};
use crate::conformance::files::read_text;
use crate::conformance::profile::{Critical, Profile};
use crate::conformance::text::both;

/// How many words a name must have to tell something.
const WORDS: usize = 3;

/// A test, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ran {
    pub name: String,
    pub outcome: Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Passed,
    Failed,
    Skipped,
}

/// Judges the tests of all reports together; nothing where there is none.
pub(super) fn judged(pairs: &[(&str, &str)], profile: &Profile) -> Result<Option<Said>, Bilingual> {
    let mut ran = Vec::new();
    for (kind, file) in pairs {
        match *kind {
            "junit" => ran.extend(junit(&read_text(file, EVIDENCE_BYTES)?)?),
            "tests" => ran.extend(printed(&read_text(file, EVIDENCE_BYTES)?)?),
            _ => {}
        }
    }
    if ran.is_empty() {
        return Ok(None);
    }
    if profile.critical.is_empty() {
        return Err(both(
            "El perfil no nombra operaciones críticas ([[critical]])",
            "The profile names no critical operations ([[critical]])",
        ));
    }
    Ok(Some(of_operations(&profile.critical, &ran)))
}

fn of_operations(critical: &[Critical], ran: &[Ran]) -> Said {
    let wrong: Vec<String> = critical.iter().flat_map(|one| one.tests.iter().filter_map(|text| lacks(one, text, ran))).collect();
    let (count, tests) = (critical.len(), ran.len());
    let told = both(format!("{count} operaciones, {tests} pruebas"), format!("{count} operations, {tests} tests"));
    Said::new("TST-02", wrong, told)
}

/// What is wrong with the tests whose names hold a text.
fn lacks(critical: &Critical, text: &str, ran: &[Ran]) -> Option<String> {
    let named = || ran.iter().filter(|ran| ran.name.contains(text));
    if let Some(failed) = named().find(|ran| ran.outcome == Outcome::Failed) {
        return Some(format!("{}: {} ✘", critical.operation, failed.name));
    }
    let passed = |ran: &&Ran| ran.outcome == Outcome::Passed;
    match (named().any(|ran| passed(&ran)), named().filter(passed).any(|ran| tells(&ran.name))) {
        (false, _) => Some(format!("{}: «{text}» 0", critical.operation)),
        (true, false) => Some(format!("{}: «{text}» < {WORDS} palabras / words", critical.operation)),
        (true, true) => None,
    }
}

/// Whether the name itself, without where it stands, is a sentence.
pub(super) fn tells(name: &str) -> bool {
    let last = name.rsplit([':', '.', '/']).next().unwrap_or_default();
    let mut words = 0;
    let mut before = '_';
    for c in last.chars() {
        let begins = c.is_alphabetic() && (!before.is_alphanumeric() || (c.is_uppercase() && before.is_lowercase()));
        words += usize::from(begins);
        before = c;
    }
    words >= WORDS
}

/// The cases of a `JUnit` report.
pub(super) fn junit(text: &str) -> Result<Vec<Ran>, Bilingual> {
    let (mut ran, mut inside): (Vec<Ran>, bool) = (Vec::new(), false);
    for tag in xml::tags(text)? {
        if tag.is_open("testcase") {
            let place = tag.attribute("classname").unwrap_or_default();
            let name = tag.attribute("name").ok_or_else(|| unreadable("testcase name"))?;
            ran.push(Ran { name: format!("{place}::{name}"), outcome: Outcome::Passed });
        }
        inside = if tag.name == "testcase" { tag.is_open("testcase") && !tag.is_empty } else { inside };
        let outcome = match tag.name {
            "failure" | "error" => Outcome::Failed,
            "skipped" => Outcome::Skipped,
            _ => continue,
        };
        ran.last_mut().filter(|_| inside).into_iter().for_each(|ran| ran.outcome = outcome);
    }
    if ran.is_empty() { Err(unreadable("testcase: 0")) } else { Ok(ran) }
}

/// The lines of `cargo test`, which must have come to its results.
pub(super) fn printed(text: &str) -> Result<Vec<Ran>, Bilingual> {
    let line = Regex::new(r"(?m)^test (.+?)(?: - should panic)? \.\.\. (ok|FAILED|ignored)\b")
        .map_err(|error| unreadable(&error.to_string()))?;
    let group = |found: &regex_lite::Captures<'_>, at| found.get(at).map_or("", |part| part.as_str()).to_owned();
    let ran: Vec<Ran> =
        line.captures_iter(text).map(|found| Ran { name: group(&found, 1), outcome: outcome(&group(&found, 2)) }).collect();
    let ended = text.lines().any(|line| line.starts_with("test result: "));
    if ran.is_empty() || !ended { Err(unreadable("cargo test: test result")) } else { Ok(ran) }
}

fn outcome(word: &str) -> Outcome {
    match word {
        "ok" => Outcome::Passed,
        "ignored" => Outcome::Skipped,
        _ => Outcome::Failed,
    }
}
