//! Markdown, for a merge request: the checklist, then what is not kept.

use std::fmt::Write as _;

use standards_core::Language;

use super::Report;
use super::terminal::{sign, verdict_line};
use crate::conformance::model::{Judged, Status};
use crate::conformance::verdict::checklist;

pub(super) fn markdown(report: &Report) -> String {
    let target = report.name.as_deref().or(report.target.as_deref()).unwrap_or("log");
    let mut text = format!("# standards-check: {}\n\n**{}**\n\n", cell(target), verdict_line(report));
    for ticked in checklist(&report.judged) {
        let (mark, rules) = (if ticked.status == Status::Pass { 'x' } else { ' ' }, ticked.rules.join(", "));
        let status = ticked.status.as_str();
        let _ =
            writeln!(text, "- [{mark}] {} {} ({status}: {rules})", ticked.heading.id, ticked.heading.title.of(report.language));
    }
    let heads = match report.language {
        Language::Es => "| | regla | nivel | título | esperado | obtenido |",
        Language::En => "| | rule | level | title | expected | obtained |",
    };
    let _ = write!(text, "\n{heads}\n|---|---|---|---|---|---|\n");
    for one in report.judged.iter().filter(|one| one.status != Status::Pass) {
        row(&mut text, report.language, one);
    }
    text
}

fn row(text: &mut String, language: Language, one: &Judged) {
    let first = one.evidence.first();
    let expected = first.map_or_else(|| one.reason.of(language), |evidence| evidence.expected.of(language));
    let obtained = first.map(|evidence| evidence.obtained.as_str()).unwrap_or_default();
    let (rule, title) = (one.rule, one.rule.title.of(language));
    let _ = writeln!(
        text,
        "| {} | {} | {} | {} | {} | {} |",
        sign(one.status),
        rule.id,
        rule.level,
        cell(title),
        cell(expected),
        cell(obtained)
    );
}

/// Text in a cell of a table: nothing in it is markup.
pub(super) fn cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '{' | '}' | '#' | '!' => cell.extend(['\\', c]),
            '<' => cell.push_str("&lt;"),
            '>' => cell.push_str("&gt;"),
            '&' => cell.push_str("&amp;"),
            '\n' => cell.push(' '),
            c => cell.push(c),
        }
    }
    cell
}
