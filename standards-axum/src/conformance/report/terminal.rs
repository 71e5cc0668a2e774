//! What a person reads at once: families, what is broken and why, the verdict last.

use std::fmt::Write as _;

use standards_core::Language;
use standards_core::rules::catalogue;

use super::Report;
use crate::conformance::model::{Evidence, Judged, Status};
use crate::conformance::verdict::{checklist, fractions};

/// The whole report; its last line is the verdict line.
pub(in crate::conformance) fn terminal(report: &Report) -> String {
    let mut text = String::new();
    for family in &catalogue().families {
        let (passed, broken) =
            (count(report, &family.id, |status| status == Status::Pass), count(report, &family.id, Status::is_broken));
        let (pass, fail) = words(report.language);
        let _ = writeln!(text, "{:<4} {:<40} {passed} {pass} · {broken} {fail}", family.id, family.title.of(report.language));
        for one in report.family(&family.id) {
            line(&mut text, report.language, one);
        }
        text.push('\n');
    }
    boxes(&mut text, report);
    let _ = writeln!(text, "{}", verdict_line(report));
    text
}

/// The verdict line, and the rules that are broken, with their evidence.
pub(in crate::conformance) fn told_broken(report: &Report) -> String {
    let mut text = format!("{}\n", verdict_line(report));
    for one in report.judged.iter().filter(|one| one.status.is_broken()) {
        line(&mut text, report.language, one);
    }
    text
}

/// `NO CONFORME   MUST 23/31 · DESEABLES 2/7 · EXT 2/9   1.9 s`.
pub(super) fn verdict_line(report: &Report) -> String {
    let seconds = report.duration_ms / 1000;
    let tenths = report.duration_ms % 1000 / 100;
    format!("{}   {}   {seconds}.{tenths} s", report.verdict.as_str(), fractions(&report.judged))
}

fn count(report: &Report, family: &str, wanted: impl Fn(Status) -> bool) -> usize {
    report.family(family).filter(|one| wanted(one.status)).count()
}

const fn words(language: Language) -> (&'static str, &'static str) {
    match language {
        Language::Es => ("cumple", "no cumple"),
        Language::En => ("pass", "fail"),
    }
}

/// One sign for each status.
pub(super) const fn sign(status: Status) -> char {
    match status {
        Status::Pass => '✔',
        Status::Fail | Status::Error => '✘',
        Status::Warn => '!',
        Status::Waived => '~',
        Status::NotApplicable => '–',
        Status::NotTested => '·',
        Status::Review => '○',
    }
}

fn line(text: &mut String, language: Language, one: &Judged) {
    let (sign, rule, reason) = (sign(one.status), one.rule, one.reason.of(language));
    let dash = if reason.is_empty() { "" } else { " — " };
    let _ = writeln!(text, "  {sign} {} {:<6} {}{dash}{reason}", rule.id, rule.level.as_str(), rule.title.of(language));
    let Some(first) = one.evidence.first() else { return };
    evidence(text, language, one, first);
}

fn evidence(text: &mut String, language: Language, one: &Judged, first: &Evidence) {
    let [quote, expected, obtained, request, fix] = match language {
        Language::Es => ["Lineamiento", "Esperado", "Obtenido", "Petición", "Arreglo"],
        Language::En => ["Guideline", "Expected", "Obtained", "Request", "Fix"],
    };
    if let Some(words) = &one.rule.quote {
        let _ = writeln!(text, "      {quote:<12} «{words}»");
    }
    let _ = writeln!(text, "      {expected:<12} {}", first.expected.of(language));
    let _ = writeln!(text, "      {obtained:<12} {}", first.obtained);
    if let Some(line) = &first.request {
        let _ = writeln!(text, "      {request:<12} {line}");
    }
    let _ = writeln!(text, "      {fix:<12} standards-check explain {}", one.rule.id);
}

fn boxes(text: &mut String, report: &Report) {
    for ticked in checklist(&report.judged) {
        let mark = match ticked.status {
            Status::Pass => 'x',
            Status::Fail => '✘',
            Status::Review => '○',
            _ => ' ',
        };
        let _ = writeln!(text, "  [{mark}] {:<4} {}", ticked.heading.id, ticked.heading.title.of(report.language));
    }
    text.push('\n');
}
