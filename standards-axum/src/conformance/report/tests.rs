//! What readers of reports rely on.

use serde_json::{Value, json};
use standards_core::Language;
use standards_core::rules::catalogue;

use super::{Earlier, Kind, Report, matrix_page, rules_page, terminal};
use crate::conformance::document::Document;
use crate::conformance::judges::judge;
use crate::conformance::model::{Evidence, Status};
use crate::conformance::recorded::Recorded;
use crate::conformance::schema::mismatch;
use crate::conformance::text::both;
use crate::conformance::verdict::Verdict;

const HOSTILE: &str = "<script>alert(1)</script>&\"'|`\u{202e}";

fn report() -> Report {
    let mut judged = judge(&Recorded::new("x", None), |_| true);
    let first = judged.first_mut().unwrap();
    first.status = Status::Fail;
    first.evidence.push(Evidence { expected: both(HOSTILE, HOSTILE), obtained: HOSTILE.into(), request: Some(HOSTILE.into()) });
    Report {
        verdict: Verdict::of(&judged),
        judged,
        exit: 1,
        target: Some(format!("http://{HOSTILE}")),
        name: None,
        started: "2025-07-04T10:30:45Z".into(),
        duration_ms: 1_950,
        requests: 7,
        language: Language::Es,
    }
}

#[test]
fn the_json_report_is_of_its_schema() {
    let schema: Value = serde_json::from_str(include_str!("../../../../standards-core/schemas/report.schema.json")).unwrap();
    let document = Document::of(json!({"openapi": "3.1.0", "paths": {}, "$defs": schema["$defs"]})).unwrap();
    let written: Value = serde_json::from_str(&Kind::Json.render(&report())).unwrap();
    assert_eq!(mismatch(&document, &schema, &written), None);
    assert_eq!(written["rules"].as_array().unwrap().len(), catalogue().rules.len());
    assert_eq!(written["facts"]["API-01"], false);
    let mut other = written.clone();
    other["verdict"] = json!("BIEN");
    assert!(mismatch(&document, &schema, &other).is_some());
}

#[test]
fn the_last_line_is_the_verdict() {
    let text = terminal(&report());
    let last = text.lines().last().unwrap();
    assert!(last.starts_with("NO CONFORME   MUST 0/46 · DESEABLES 0/15 · EXT 0/14   1.9 s"), "{last}");
}

#[test]
fn nothing_of_the_evidence_is_markup() {
    for kind in [Kind::Html, Kind::Junit, Kind::Markdown] {
        let text = kind.render(&report());
        assert!(!text.contains("<script>alert") && text.contains("&lt;script&gt;alert"), "{kind:?}");
    }
    assert!(!Kind::Html.render(&report()).contains('\u{202e}'));
}

#[test]
fn the_page_asks_nobody_and_its_script_is_small() {
    let page = Kind::Html.render(&report());
    let foreign = ["src=\"http", "href=\"http", "@import", "url("];
    assert!(foreign.iter().all(|text| !page.contains(text)));
    assert!(include_str!("page.js").len() <= 10 << 10);
    for heading in &catalogue().boxes {
        assert!(page.contains(&format!("<strong>{}</strong>", heading.id)), "{}", heading.id);
    }
}

#[test]
fn reports_side_by_side_are_a_page_that_marks_what_differs() {
    let folder = tempfile::tempdir().unwrap();
    let earlier = |name: &str, status: &str| {
        let file = folder.path().join(name).display().to_string();
        let mut report: Value = serde_json::from_str(&Kind::Json.render(&report())).unwrap();
        report["rules"][0]["status"] = json!(status);
        std::fs::write(&file, report.to_string()).unwrap();
        Earlier::read(&file).unwrap()
    };
    let page = matrix_page(&[earlier("antes.json", "pass"), earlier("después.json", HOSTILE)], Language::Es);
    assert!(page.contains("antes<br>NO CONFORME") && page.contains("después<br>NO CONFORME"));
    assert_eq!((page.matches("class=\"differs\"").count(), page.matches("scope=\"row\"").count()), (1, catalogue().rules.len()));
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;") && !page.contains('\u{202e}'));
}

#[test]
fn junit_has_a_suite_per_family_and_a_case_per_rule() {
    let text = Kind::Junit.render(&report());
    assert_eq!(text.matches("<testsuite ").count(), catalogue().families.len());
    assert_eq!(text.matches("<testcase ").count(), catalogue().rules.len());
    assert_eq!((text.matches("<failure").count(), text.matches("</testcase>").count()), (1, catalogue().rules.len()));
    assert!(text.contains("name=\"LOG-12 Un error crítico"));
}

#[test]
fn the_page_of_rules_in_docs_is_the_catalogue() {
    let page = include_str!("../../../../docs/rules.md");
    assert!(rules_page(Language::Es) == page, "docs/rules.md: standards-check rules --format md > docs/rules.md");
}
