//! What a run came to, in the forms that people and programs read.

mod badge;
mod compare;
mod html;
mod json;
mod junit;
mod markdown;
mod matrix_page;
mod rules_page;
mod terminal;

#[cfg(test)]
mod tests;

use standards_core::Language;
use time::format_description::well_known::Rfc3339;

use super::engine::Seen;
use super::model::Judged;
use super::recorded::Recorded;
use super::verdict::Verdict;

pub(super) use badge::badge;
pub(super) use compare::{Earlier, matrix};
pub(super) use matrix_page::matrix_page;
pub(super) use rules_page::{explained, rules_as_json, rules_page};
pub(super) use terminal::{terminal, told_broken};

/// All that reports are made of.
#[derive(Debug)]
pub(super) struct Report {
    pub judged: Vec<Judged>,
    pub verdict: Verdict,
    pub exit: u8,
    /// `http://host:port`; none where only a log was read.
    pub target: Option<String>,
    /// The profile's name for the service.
    pub name: Option<String>,
    /// RFC 3339.
    pub started: String,
    pub duration_ms: u128,
    pub requests: u32,
    pub language: Language,
}

/// What a run came to, beside what was recorded.
#[derive(Debug)]
pub(super) struct Circumstances {
    pub target: Option<String>,
    pub requests: u32,
    pub duration_ms: u128,
    /// Whether the run is not to be relied on: status 2 whatever was found.
    pub late: bool,
}

impl Circumstances {
    /// Those of a run.
    pub(super) fn of(seen: &Seen) -> Self {
        let (target, duration_ms) = (Some(seen.target.clone()), seen.took.as_millis());
        Self { target, requests: seen.requests, duration_ms, late: seen.late }
    }
}

impl Report {
    /// The report on what was judged.
    pub(super) fn of(judged: Vec<Judged>, exit: u8, recorded: &Recorded, seen: &Circumstances, language: Language) -> Self {
        let started = recorded.started.replace_millisecond(recorded.started.millisecond()).unwrap_or(recorded.started);
        Self {
            verdict: Verdict::of(&judged),
            judged,
            exit,
            target: seen.target.clone(),
            name: recorded.profile.name.clone(),
            started: started.format(&Rfc3339).unwrap_or_default(),
            duration_ms: seen.duration_ms,
            requests: seen.requests,
            language,
        }
    }

    /// The rules of a family.
    pub(super) fn family<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Judged> {
        self.judged.iter().filter(move |one| one.rule.family == id)
    }
}

/// A form of report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Json,
    Junit,
    Markdown,
    Html,
}

impl Kind {
    /// The word before `=` in `--report`.
    pub(super) fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "json" => Self::Json,
            "junit" => Self::Junit,
            "md" => Self::Markdown,
            "html" => Self::Html,
            _ => return None,
        })
    }

    /// The report in this form.
    pub(super) fn render(self, report: &Report) -> String {
        match self {
            Self::Json => json::json(report),
            Self::Junit => junit::junit(report),
            Self::Markdown => markdown::markdown(report),
            Self::Html => html::html(report),
        }
    }
}
