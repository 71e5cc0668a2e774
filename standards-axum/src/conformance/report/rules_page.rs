//! The catalogue itself: `rules`, `explain`, and the page in `docs`.

use std::fmt::Write as _;

use serde_json::{Value, json};
use standards_core::Language;
use standards_core::rules::{Need, Rule, catalogue};

use super::markdown::cell;

/// Every rule, as Markdown.
pub(in crate::conformance) fn rules_page(language: Language) -> String {
    let [title, made, heads] = match language {
        Language::Es => [
            "Las reglas del lineamiento",
            "Página generada por `standards-check rules --format md`.",
            "| regla | nivel | casillas | qué se pide | cómo se comprueba | necesita |",
        ],
        Language::En => [
            "The rules of the guideline",
            "Made by `standards-check rules --format md --lang en`.",
            "| rule | level | boxes | what is asked | how it is checked | needs |",
        ],
    };
    let mut page = format!("# {title}\n\n{made}\n");
    for family in &catalogue().families {
        let _ = write!(page, "\n## {}: {}\n\n{heads}\n|---|---|---|---|---|---|\n", family.id, family.title.of(language));
        catalogue().family(&family.id).for_each(|rule| row(&mut page, rule, language));
    }
    page
}

fn row(page: &mut String, rule: &Rule, language: Language) {
    let (title, check) = (cell(rule.title.of(language)), cell(rule.check.of(language)));
    let (boxes, needs) = (rule.boxes.join(", "), needs(rule));
    let _ = writeln!(page, "| {} | {} | {boxes} | {title} | {check} | {needs} |", rule.id, rule.level);
}

/// Every rule, as JSON.
pub(in crate::conformance) fn rules_as_json() -> String {
    let rules: Value = catalogue().rules.iter().map(rule_as_json).collect();
    let mut text = serde_json::to_string_pretty(&json!({"schema": 1, "rules": rules})).unwrap_or_default();
    text.push('\n');
    text
}

fn rule_as_json(rule: &Rule) -> Value {
    json!({
        "id": rule.id, "level": rule.level.as_str(), "since": rule.since, "family": rule.family, "boxes": rule.boxes,
        "needs": rule.needs.iter().map(|need| need.as_str()).collect::<Vec<_>>(),
        "title_es": rule.title.es, "title_en": rule.title.en, "quote_es": rule.quote,
        "why_es": rule.why.es, "why_en": rule.why.en, "check_es": rule.check.es, "check_en": rule.check.en,
        "fix_python": rule.fix_python, "fix_rust": rule.fix_rust,
    })
}

/// One rule, whole.
pub(in crate::conformance) fn explained(rule: &Rule, language: Language) -> String {
    let [quote, why, check, boxes, needed] = match language {
        Language::Es => ["Lineamiento", "Por qué", "Comprobación", "Casillas", "Necesita"],
        Language::En => ["Guideline", "Why", "Check", "Boxes", "Needs"],
    };
    let mut text = format!("{} {} — {}\n\n", rule.id, rule.level, rule.title.of(language));
    if let Some(words) = &rule.quote {
        let _ = writeln!(text, "{quote:<13} «{words}»");
    }
    let (needs, list) = (needs(rule), rule.boxes.join(", "));
    for (name, told) in [(why, rule.why.of(language)), (check, rule.check.of(language)), (boxes, &list), (needed, &needs)] {
        if !told.is_empty() {
            let _ = writeln!(text, "{name:<13} {told}");
        }
    }
    let _ = writeln!(text, "\nPython        {}\nRust          {}", rule.fix_python, rule.fix_rust);
    text
}

fn needs(rule: &Rule) -> String {
    rule.needs.iter().copied().map(Need::as_str).collect::<Vec<_>>().join(", ")
}
