//! VAL: what is not valid is refused, and named.

use super::{each, envelope};
use crate::conformance::exchange::{Answer, Exchange, Role};
use crate::conformance::model::{Finding, Looked, hold};
use crate::conformance::probes::from_document::left_out;
use crate::conformance::recorded::Recorded;
use crate::conformance::text::{both, clean};

pub(super) fn judge(id: &str, recorded: &Recorded) -> Finding {
    match id {
        "VAL-01" => each(recorded.let_in(is_invalid), |_, answer| is_validation(answer)),
        "VAL-02" => each(recorded.let_in(is_invalid), |exchange, answer| names_fields(&fields(recorded, exchange), answer)),
        "VAL-03" => each(recorded.let_in(|role| role == Role::Malformed), |_, answer| is_refused(answer)),
        "VAL-04" => each(recorded.let_in(|role| role == Role::WrongType), |_, answer| is_refused(answer)),
        "VAL-05" => each(recorded.let_in(|role| role == Role::BadParameter), |_, answer| is_refused(answer)),
        "VAL-06" if recorded.has_profile && recorded.profile.amount.is_none() => {
            Finding::NotApplicable(both("El perfil no nombra montos", "The profile names no amounts"))
        }
        "VAL-06" => each(recorded.let_in(|role| role == Role::Amount), |_, answer| is_refused(answer)),
        "VAL-07" => each(recorded.let_in(|role| role == Role::Boundary), |_, answer| holds_out(answer)),
        "VAL-08" => each(recorded.let_in(|role| role == Role::TooLarge), |_, answer| is_too_large(answer)),
        _ => Finding::Absent,
    }
}

const fn is_invalid(role: Role) -> bool {
    matches!(role, Role::Invalid(_))
}

/// The fields that a request has wrong.
fn fields(recorded: &Recorded, exchange: &Exchange) -> Vec<String> {
    let case = match exchange.role {
        Role::Invalid(at) => recorded.profile.invalid.get(at),
        _ => None,
    };
    let of_document = || recorded.document.as_ref().map(left_out).unwrap_or_default();
    case.map_or_else(of_document, |case| case.fields.clone())
}

fn is_validation(answer: &Answer) -> Looked {
    let code = envelope::items(answer).first().map(|(code, _)| code.clone());
    let right = matches!(answer.status, 400 | 422) && code.as_deref() == Some("VALIDATION_ERROR");
    hold(
        right,
        || both("422 (o 400) con el código VALIDATION_ERROR", "422 (or 400) with the code VALIDATION_ERROR"),
        || answer.summary(),
    )
}

fn names_fields(fields: &[String], answer: &Answer) -> Looked {
    let mut named: Vec<String> = envelope::items(answer).into_iter().map(|(_, message)| field_of(&message)).collect();
    let mut wanted: Vec<String> = fields.to_vec();
    named.sort();
    wanted.sort();
    let expected = || {
        both(
            format!("un error «campo: motivo» por cada uno de {fields:?}"),
            format!("one error `field: reason` for each of {fields:?}"),
        )
    };
    hold(named == wanted, expected, || answer.summary())
}

/// The field in `field: reason`.
fn field_of(message: &str) -> String {
    message.split_once(": ").map_or_else(|| clean(message), |(field, _)| field.to_owned())
}

fn is_refused(answer: &Answer) -> Looked {
    let expected = || both("un estado 4xx", "a 4xx status");
    hold((400..500).contains(&answer.status), expected, || answer.summary())?;
    envelope::readable_error(answer)
}

fn holds_out(answer: &Answer) -> Looked {
    hold(answer.status < 500, || both("un estado menor que 500", "a status below 500"), || answer.summary())
}

fn is_too_large(answer: &Answer) -> Looked {
    hold(answer.status == 413, || both("estado 413", "status 413"), || answer.summary())?;
    envelope::readable_error(answer)
}
