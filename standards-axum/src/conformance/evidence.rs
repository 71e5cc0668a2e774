//! What other tools and people saw, for the rules that are not seen from outside.
//!
//! | kind | file | rule |
//! |---|---|---|
//! | `lcov` | an LCOV trace | TST-01 |
//! | `clippy` | `cargo clippy --message-format=json` | ARQ-02 |
//! | `review` | TOML, `[[review]] rule, by, date, holds, detail` | any that is for a person to review |

use serde::Deserialize;
use serde_json::Value;
use standards_core::rules::{Bilingual, Need, catalogue};

use super::model::{Evidence, Judged, Status};
use super::text::{both, clean};

/// The largest file that is read.
pub(super) const EVIDENCE_BYTES: usize = 64 << 20;
/// The guideline's least coverage, in hundredths.
const LEAST_COVERAGE: u64 = 80;
/// What clippy and rustc say where a function is too long or a name is not of the convention.
const LINTS: [&str; 4] = ["clippy::too_many_lines", "non_snake_case", "non_camel_case_types", "non_upper_case_globals"];

/// What a file says of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    rule: String,
    holds: bool,
    reason: Bilingual,
    obtained: String,
}

/// The file of reviews.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reviews {
    review: Vec<Review>,
}

/// What a person saw.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Review {
    rule: String,
    by: String,
    date: toml::value::Datetime,
    holds: bool,
    detail: String,
}

/// Reads a file of a kind.
pub(super) fn read(kind: &str, text: &str) -> Result<Vec<Said>, Bilingual> {
    match kind {
        "lcov" => lcov(text).map(|said| vec![said]),
        "clippy" => clippy(text).map(|said| vec![said]),
        "review" => reviews(text),
        _ => Err(both(
            format!("No hay evidencia {}: lcov, clippy o review", clean(kind)),
            format!("There is no evidence {}: lcov, clippy or review", clean(kind)),
        )),
    }
}

/// Rules that were for a person to review are kept or broken as the files say.
pub(super) fn weigh(said: &[Said], judged: &mut [Judged]) {
    for one in judged.iter_mut().filter(|one| one.status == Status::Review) {
        let Some(said) = said.iter().find(|said| said.rule == one.rule.id) else { continue };
        one.reason = said.reason.clone();
        one.status = if said.holds { Status::Pass } else { Status::Fail };
        if !said.holds {
            one.evidence = vec![Evidence { expected: one.rule.title.clone(), obtained: said.obtained.clone(), request: None }];
        }
    }
}

fn lcov(text: &str) -> Result<Said, Bilingual> {
    let sum = |prefix: &str| {
        text.lines().filter_map(|line| line.strip_prefix(prefix)?.trim().parse::<u64>().ok()).fold(0, u64::saturating_add)
    };
    let (lines, hit) = (sum("LF:"), sum("LH:"));
    if lines == 0 {
        return Err(both("La traza LCOV no cuenta líneas (LF:)", "The LCOV trace counts no lines (LF:)"));
    }
    let tenths = hit.saturating_mul(1000) / lines;
    let told = format!("{}.{} % ({hit}/{lines})", tenths / 10, tenths % 10);
    let reason = both(format!("cobertura {told}"), format!("coverage {told}"));
    Ok(Said { rule: "TST-01".to_owned(), holds: tenths >= LEAST_COVERAGE * 10, reason, obtained: told })
}

fn clippy(text: &str) -> Result<Said, Bilingual> {
    let messages: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let reason = |message: &Value, wanted: &str| message.get("reason").and_then(Value::as_str) == Some(wanted);
    if !messages.iter().any(|message| reason(message, "build-finished")) {
        return Err(both(
            "No es la salida de cargo clippy --message-format=json, completa",
            "Not the whole output of cargo clippy --message-format=json",
        ));
    }
    let code = |message: &Value| message.pointer("/message/code/code").and_then(Value::as_str).map(str::to_owned);
    let told: Vec<&Value> =
        messages.iter().filter(|message| code(message).is_some_and(|code| LINTS.contains(&code.as_str()))).collect();
    let first = told.first().and_then(|message| message.pointer("/message/rendered")).and_then(Value::as_str).unwrap_or_default();
    let (count, obtained) = (told.len(), clean(first));
    Ok(Said {
        rule: "ARQ-02".to_owned(),
        holds: count == 0,
        reason: both(format!("clippy: {count}"), format!("clippy: {count}")),
        obtained,
    })
}

fn reviews(text: &str) -> Result<Vec<Said>, Bilingual> {
    let reviews: Reviews = toml::from_str(text).map_err(|error| unreadable(&error.to_string()))?;
    reviews.review.into_iter().map(reviewed).collect()
}

fn reviewed(review: Review) -> Result<Said, Bilingual> {
    let Review { rule, by, date, holds, detail } = review;
    let known = catalogue().rule(&rule).is_some_and(|rule| rule.needs == [Need::Evidence]);
    if !known || by.trim().is_empty() || detail.trim().is_empty() {
        return Err(unreadable(&format!("{rule}: by, detail")));
    }
    let (by, detail) = (clean(&by), clean(&detail));
    let reason = both(format!("revisada por {by} el {date}: {detail}"), format!("reviewed by {by} on {date}: {detail}"));
    Ok(Said { rule, holds, reason, obtained: detail })
}

fn unreadable(text: &str) -> Bilingual {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    both(format!("La evidencia no se entiende: {}", clean(&text)), format!("The evidence cannot be read: {}", clean(&text)))
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn coverage_is_that_of_all_files_together() {
        let good = read("lcov", "SF:a\nLF:90\nLH:80\nend_of_record\nSF:b\nLF:10\nLH:0\n").unwrap();
        assert_eq!((good[0].holds, good[0].obtained.as_str()), (true, "80.0 % (80/100)"));
        assert!(!read("lcov", "LF:1000\nLH:799").unwrap()[0].holds);
    }

    #[test]
    fn clippy_must_have_finished() {
        let end = "{\"reason\":\"build-finished\",\"success\":true}";
        assert!(read("clippy", end).unwrap()[0].holds);
        let long =
            "{\"reason\":\"compiler-message\",\"message\":{\"code\":{\"code\":\"clippy::too_many_lines\"},\"rendered\":\"x\"}}";
        assert!(!read("clippy", &format!("{long}\n{end}")).unwrap()[0].holds);
    }

    #[test]
    fn what_is_no_evidence_is_refused() {
        for (kind, text) in [
            ("lcov", "TN:"),
            ("clippy", "warning: x"),
            ("otro", ""),
            ("review", "[[review]]\nrule = \"API-01\"\nby = \"a\"\ndate = 2026-01-01\nholds = true\ndetail = \"x\""),
            ("review", "[[review]]\nrule = \"ARQ-01\"\nby = \"\"\ndate = 2026-01-01\nholds = true\ndetail = \"x\""),
            ("review", "[[review]]\nrule = \"ARQ-01\""),
        ] {
            assert!(read(kind, text).is_err(), "{kind}: {text}");
        }
    }
}
