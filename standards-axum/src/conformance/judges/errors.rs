//! ERR: what a service answers when something is wrong.

use super::{answered, each, envelope};
use crate::conformance::exchange::{Answer, Exchange, Role};
use crate::conformance::model::{Finding, Looked, hold};
use crate::conformance::profile::Refusal;
use crate::conformance::recorded::Recorded;
use crate::conformance::text::{both, clean};

/// What only somebody inside should read.
const INTERNAL: [&str; 11] = [
    "traceback",
    "panicked at",
    "file \"",
    ".py\"",
    ".rs:",
    "stack trace",
    "sqlalchemy",
    "psycopg",
    "sqlx",
    "select ",
    "insert into",
];

pub(super) fn judge(id: &str, recorded: &Recorded) -> Finding {
    match id {
        "ERR-01" => refusals(recorded, |at| at == 0),
        "ERR-02" => refusals(recorded, |at| at > 0),
        "ERR-03" => each(recorded.let_in(|role| role == Role::UnknownRoute), |_, answer| with_status(answer, 404)),
        "ERR-04" => each(recorded.let_in(|role| role == Role::WrongVerb), |_, answer| with_status(answer, 405)),
        "ERR-05" => each(recorded.let_in(|role| matches!(role, Role::Fault | Role::AfterFault)), survives),
        "ERR-06" => discreet(recorded),
        "ERR-07" => codes(recorded),
        "ERR-09" => unauthenticated(recorded),
        "ERR-10" => answered(wrong_verbs(recorded), tells_verbs),
        _ => Finding::Absent,
    }
}

fn refusals(recorded: &Recorded, wanted: impl Fn(usize) -> bool) -> Finding {
    let refused = recorded.let_in(|role| matches!(role, Role::Refusal(at) if wanted(at)));
    each(refused, |exchange, answer| match exchange.role {
        Role::Refusal(at) => recorded.profile.refusal.get(at).map_or(Ok(()), |case| is_refused(case, answer, at)),
        _ => Ok(()),
    })
}

fn is_refused(case: &Refusal, answer: &Answer, at: usize) -> Looked {
    let items = envelope::items(answer);
    let right = answer.status == case.status && items.first().is_some_and(|(code, _)| *code == case.code);
    let expected =
        || both(format!("{} y el código {}", case.status, case.code), format!("{} and the code {}", case.status, case.code));
    hold(right, expected, || answer.summary())?;
    let message = items.into_iter().next().map(|(_, message)| message).unwrap_or_default();
    let missing = case.message.iter().find(|text| at > 0 && !message.contains(*text));
    let expected = || both(format!("un mensaje con {:?}", case.message), format!("a message with {:?}", case.message));
    hold(missing.is_none(), expected, || clean(&message))
}

fn with_status(answer: &Answer, status: u16) -> Looked {
    hold(answer.status == status, || both(format!("estado {status}"), format!("status {status}")), || answer.summary())?;
    envelope::readable_error(answer)
}

fn survives(exchange: &Exchange, answer: &Answer) -> Looked {
    if exchange.role == Role::AfterFault {
        let expected = || both("una respuesta normal después de la falla", "a usual answer after the failure");
        return hold(answer.status < 500, expected, || answer.summary());
    }
    let code = envelope::items(answer).first().map(|(code, _)| code.clone());
    let right = answer.status == 500 && code.as_deref() == Some("INTERNAL_ERROR");
    hold(right, || both("500 con el código INTERNAL_ERROR", "500 with the code INTERNAL_ERROR"), || answer.summary())
}

fn discreet(recorded: &Recorded) -> Finding {
    let canary = recorded.profile.fault.as_ref().map(|fault| fault.canary.as_str()).filter(|canary| !canary.is_empty());
    let failures = recorded.of(|_| true).filter_map(|exchange| Some((exchange, exchange.answer()?)));
    answered(failures.filter(|(_, answer)| answer.status >= 500), |exchange, answer| {
        let body = String::from_utf8_lossy(&answer.body);
        let lower = body.to_lowercase();
        let told = canary.into_iter().chain(exchange.secrets()).find(|text| body.contains(text));
        let found = INTERNAL.iter().find(|text| lower.contains(**text)).copied().or(told);
        hold(found.is_none(), || both("un texto genérico", "a generic text"), || answer.summary())
    })
}

fn codes(recorded: &Recorded) -> Finding {
    let catalogue = &recorded.profile.service.codes;
    let with_errors = recorded.api_answers().filter(|(_, answer)| !envelope::items(answer).is_empty());
    answered(with_errors, |_, answer| {
        envelope::items(answer).iter().try_for_each(|(code, _)| {
            hold(is_code(code), || both("un código UPPER_SNAKE_CASE", "a code in UPPER_SNAKE_CASE"), || clean(code))?;
            let known = catalogue.is_empty() || catalogue.contains(code);
            hold(known, || both("un código del catálogo", "a code of the catalogue"), || clean(code))
        })
    })
}

fn is_code(code: &str) -> bool {
    let part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    code.split('_').all(part) && code.starts_with(|first: char| first.is_ascii_uppercase())
}

fn unauthenticated(recorded: &Recorded) -> Finding {
    if recorded.has_profile && recorded.profile.auth.is_none() && !recorded.wants_token() {
        return Finding::NotApplicable(both(
            "El servicio no pide autenticación en esta corrida",
            "The service asks for no authentication in this run",
        ));
    }
    each(recorded.of(|role| role == Role::NoToken), |_, answer| with_status(answer, 401))
}

fn wrong_verbs(recorded: &Recorded) -> impl Iterator<Item = (&Exchange, &Answer)> {
    let answers = recorded.of(|role| role == Role::WrongVerb).filter_map(|exchange| Some((exchange, exchange.answer()?)));
    answers.filter(|(_, answer)| answer.status == 405)
}

fn tells_verbs(_: &Exchange, answer: &Answer) -> Looked {
    let expected = || both("un encabezado Allow con los verbos", "an Allow header with the verbs");
    hold(answer.header("allow").is_some_and(|verbs| !verbs.is_empty()), expected, || answer.summary())
}
