//! API: the form of the answers.

use serde_json::Value;

use super::{answered, document, each, envelope};
use crate::conformance::exchange::{Answer, Exchange, Role};
use crate::conformance::model::{Finding, Looked, Wrong, hold};
use crate::conformance::recorded::Recorded;
use crate::conformance::text::{both, clean};

/// The guideline's statuses, and those of HTTP itself.
const STATUSES: [u16; 10] = [200, 400, 401, 404, 405, 413, 415, 422, 500, 503];

pub(super) fn judge(id: &str, recorded: &Recorded) -> Finding {
    match id {
        "API-01" => each(recorded.let_in(must_succeed), success),
        "API-02" => answered(usual(recorded).filter(|(_, answer)| answer.status >= 400), |_, answer| envelope::error(answer)),
        "API-03" => answered(usual(recorded).filter(|(_, answer)| envelope::told(answer).is_some()), agrees),
        "API-04" => answered(usual(recorded).filter(|(_, answer)| !answer.body.is_empty()), is_json),
        "API-05" => answered(usual(recorded), |_, answer| is_allowed(recorded, answer)),
        "API-06" => money(recorded),
        "API-07" => each(recorded.of(|role| role == Role::Document), |_, answer| is_document(recorded, answer)),
        "API-08" => document::envelopes(recorded),
        "API-09" => document::prefixes(recorded),
        "API-10" => document::agreement(recorded),
        _ => Finding::Absent,
    }
}

const fn must_succeed(role: Role) -> bool {
    matches!(role, Role::Setup | Role::Success(_))
}

/// Answers of the API, but to what a server may refuse before it is one.
fn usual(recorded: &Recorded) -> impl Iterator<Item = (&Exchange, &Answer)> {
    recorded.api_answers().filter(|(exchange, _)| exchange.role != Role::TooLarge)
}

fn success(_: &Exchange, answer: &Answer) -> Looked {
    let expected =
        || both("un estado 2xx para una solicitud que debe tener éxito", "a 2xx status for a request that must succeed");
    hold((200..300).contains(&answer.status), expected, || answer.summary())?;
    envelope::success(answer)
}

fn agrees(_: &Exchange, answer: &Answer) -> Looked {
    let right = envelope::told(answer) == Some(answer.status < 400);
    hold(
        right,
        || both("success true si y solo si el estado es menor que 400", "success true if and only if the status is below 400"),
        || answer.summary(),
    )
}

fn is_json(_: &Exchange, answer: &Answer) -> Looked {
    let kind = answer.header("content-type").unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    let expected = || both("Content-Type: application/json", "Content-Type: application/json");
    hold(essence.eq_ignore_ascii_case("application/json"), expected, || format!("Content-Type: {kind}"))
}

fn is_allowed(recorded: &Recorded, answer: &Answer) -> Looked {
    let more = &recorded.profile.service.statuses;
    let expected =
        || both(format!("uno de {STATUSES:?} o del perfil {more:?}"), format!("one of {STATUSES:?} or of the profile {more:?}"));
    hold(STATUSES.contains(&answer.status) || more.contains(&answer.status), expected, || answer.summary())
}

fn is_document(recorded: &Recorded, answer: &Answer) -> Looked {
    let expected = || both("200 y un documento OpenAPI 3", "200 and an OpenAPI 3 document");
    hold(answer.status == 200 && recorded.document.is_some(), expected, || answer.summary())
}

fn money(recorded: &Recorded) -> Finding {
    let cases = &recorded.profile.success;
    if recorded.has_profile && cases.iter().all(|case| case.money.is_empty()) {
        return Finding::NotApplicable(both("El perfil no nombra campos de dinero", "The profile names no money"));
    }
    let pointers = |role| match role {
        Role::Success(at) => cases.get(at).map_or(&[][..], |case| &case.money),
        _ => &[],
    };
    let paid = recorded.let_in(|role| !pointers(role).is_empty());
    each(paid.filter(|exchange| exchange.status() == Some(200)), |exchange, answer| {
        let body = answer.json().unwrap_or_default();
        pointers(exchange.role).iter().try_for_each(|pointer| is_amount(&body, pointer))
    })
}

fn is_amount(body: &Value, pointer: &str) -> Looked {
    let value = body.pointer(pointer);
    if value.and_then(Value::as_str).is_some_and(has_two_decimals) {
        return Ok(());
    }
    let shown = value.map_or_else(|| "—".to_owned(), Value::to_string);
    Err(Wrong {
        expected: both(format!("{pointer}: un texto con dos decimales"), format!("{pointer}: text with two decimals")),
        obtained: format!("{pointer}: {}", clean(&shown)),
    })
}

fn has_two_decimals(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    unsigned.split_once('.').is_some_and(|(whole, cents)| digits(whole) && digits(cents) && cents.len() == 2)
}
