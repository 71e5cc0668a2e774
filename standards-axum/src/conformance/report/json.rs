//! JSON, by `standards-core/schemas/report.schema.json`: what dashboards and other people's CI read.

use serde_json::{Map, Value, json};
use standards_core::rules::RuleLevel;

use super::Report;
use crate::conformance::model::{Judged, Status};
use crate::conformance::verdict::{Count, checklist};

pub(super) fn json(report: &Report) -> String {
    let summary: Map<String, Value> =
        RuleLevel::ALL.iter().map(|level| (level.as_str().to_lowercase(), count(Count::of(&report.judged, *level)))).collect();
    let duration_ms = u64::try_from(report.duration_ms).unwrap_or(u64::MAX);
    let rules: Value = report.judged.iter().map(|one| rule(report, one)).collect();
    let whole = json!({
        "schema": 1,
        "verdict": report.verdict.as_str(),
        "exit": report.exit,
        "target": {"url": report.target, "name": report.name},
        "started": report.started,
        "duration_ms": duration_ms,
        "requests": report.requests,
        "summary": summary,
        "checklist": boxes(report),
        "rules": rules,
        "facts": facts(report),
    });
    let mut text = serde_json::to_string_pretty(&whole).unwrap_or_default();
    text.push('\n');
    text
}

fn boxes(report: &Report) -> Value {
    let boxes = checklist(&report.judged).into_iter().map(|ticked| {
        let (id, title) = (&ticked.heading.id, ticked.heading.title.of(report.language));
        json!({"id": id, "title": title, "status": ticked.status.as_str(), "rules": ticked.rules})
    });
    boxes.collect()
}

fn count(count: Count) -> Value {
    json!({"pass": count.pass, "fail": count.fail, "waived": count.waived, "not_tested": count.not_tested, "total": count.total})
}

fn rule(report: &Report, one: &Judged) -> Value {
    let evidence = one.evidence.iter().map(|evidence| {
        json!({
            "expected": evidence.expected.of(report.language),
            "obtained": evidence.obtained,
            "request": evidence.request.as_deref().unwrap_or_default(),
        })
    });
    json!({
        "id": one.rule.id,
        "level": one.rule.level.as_str(),
        "family": one.rule.family,
        "title": one.rule.title.of(report.language),
        "status": one.status.as_str(),
        "reason": one.reason.of(report.language),
        "evidence": evidence.collect::<Value>(),
    })
}

/// Flat, for catalogues of services: a rule is true where it is kept, false where broken, null where neither is known.
fn facts(report: &Report) -> Value {
    let must = Count::of(&report.judged, RuleLevel::Must);
    let mut facts = Map::from_iter([
        ("must_passed".to_owned(), Value::from(must.pass)),
        ("must_total".to_owned(), Value::from(must.total)),
        ("verdict".to_owned(), Value::from(report.verdict.as_str())),
    ]);
    for one in &report.judged {
        let kept = match one.status {
            Status::Pass => Value::Bool(true),
            Status::Fail | Status::Warn | Status::Error | Status::Waived => Value::Bool(false),
            Status::NotApplicable | Status::NotTested | Status::Review => Value::Null,
        };
        facts.insert(one.rule.id.clone(), kept);
    }
    Value::Object(facts)
}
