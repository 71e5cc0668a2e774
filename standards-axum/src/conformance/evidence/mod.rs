//! What other tools and people saw, for the rules that are not seen from outside.
//!
//! | kind | what it names | rule |
//! |---|---|---|
//! | `lcov`, `cobertura` | a trace of LCOV, a report of Cobertura | TST-01 |
//! | `junit`, `tests` | a report of `JUnit`, what `cargo test` printed | TST-02 |
//! | `clippy` | `cargo clippy --message-format=json` | ARQ-02 |
//! | `sources` | a folder of Rust or Python | ARQ-01 |
//! | `variables` with `env-example` | the variables that the service reads, and the file that must name them | CFG-02 |
//! | `review` | TOML, `[[review]] rule, by, date, holds, detail` | any that is for a person to review |
//!
//! A command of one's own, whose status tells whether a rule is kept, is evidence too (`commands`).

mod commands;
mod coverage;
mod layers;
mod lints;
mod reviews;
mod tested;
mod variables;
mod xml;

#[cfg(test)]
mod tests;

use standards_core::rules::{Bilingual, Need, catalogue};

use super::files::read_text;
use super::model::{Evidence, Judged, Status};
use super::profile::Profile;
use super::text::{both, clean};

pub(super) use commands::Asked;

/// The largest file that is read.
const EVIDENCE_BYTES: usize = 64 << 20;
/// How many places are shown where a rule is broken.
const SHOWN: usize = 5;
/// Every kind, as it is written.
const KINDS: [&str; 9] = ["lcov", "cobertura", "junit", "tests", "clippy", "sources", "variables", "env-example", "review"];

/// What a file says of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    rule: String,
    /// What breaks it; nothing where it is kept.
    wrong: Vec<String>,
    reason: Bilingual,
}

impl Said {
    fn new(rule: &str, wrong: Vec<String>, reason: Bilingual) -> Self {
        Self { rule: rule.to_owned(), wrong, reason }
    }
}

/// Reads all that a command line names, `kind=file` each.
///
/// # Errors
///
/// A sentence, where one is of no kind, cannot be read, or says nothing.
pub(super) fn gather(named: &[String], profile: &Profile) -> Result<Vec<Said>, Bilingual> {
    let pairs: Vec<(&str, &str)> = named.iter().map(|one| one.split_once('=').unwrap_or((one, ""))).collect();
    if let Some((kind, _)) = pairs.iter().find(|(kind, _)| !KINDS.contains(kind)) {
        let (kind, kinds) = (clean(kind), KINDS.join(", "));
        return Err(both(format!("No hay evidencia {kind}: {kinds}"), format!("There is no evidence {kind}: {kinds}")));
    }
    let mut said = Vec::new();
    for (kind, name) in &pairs {
        said.extend(read(kind, name, profile)?);
    }
    said.extend(tested::judged(&pairs, profile)?);
    said.extend(variables::compared(&pairs)?);
    Ok(said)
}

/// One that says something by itself.
fn read(kind: &str, name: &str, profile: &Profile) -> Result<Vec<Said>, Bilingual> {
    let text = || read_text(name, EVIDENCE_BYTES);
    match kind {
        "lcov" => coverage::lcov(&text()?).map(|said| vec![said]),
        "cobertura" => coverage::cobertura(&text()?).map(|said| vec![said]),
        "clippy" => lints::clippy(&text()?).map(|said| vec![said]),
        "review" => reviews::reviews(&text()?),
        "sources" => layers::judged(name, profile).map(|said| vec![said]),
        _ => Ok(Vec::new()),
    }
}

/// Rules that were for a person to review are kept or broken as the files say: broken where one of them says so.
pub(super) fn weigh(said: &[Said], judged: &mut [Judged]) {
    for one in judged.iter_mut().filter(|one| one.status == Status::Review) {
        let of_rule: Vec<&Said> = said.iter().filter(|said| said.rule == one.rule.id).collect();
        let Some(told) = of_rule.iter().find(|said| !said.wrong.is_empty()).or_else(|| of_rule.first()) else { continue };
        let evidence =
            |obtained: &String| Evidence { expected: one.rule.title.clone(), obtained: clean(obtained), request: None };
        let (status, found) =
            (if told.wrong.is_empty() { Status::Pass } else { Status::Fail }, told.wrong.iter().take(SHOWN).map(evidence));
        one.evidence = found.collect();
        (one.reason, one.status) = (told.reason.clone(), status);
    }
}

/// Whether a rule can be told of by evidence alone.
fn is_of_evidence(rule: &str) -> bool {
    catalogue().rule(rule).is_some_and(|rule| rule.needs == [Need::Evidence])
}

fn unreadable(text: &str) -> Bilingual {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    both(format!("La evidencia no se entiende: {}", clean(&text)), format!("The evidence cannot be read: {}", clean(&text)))
}
