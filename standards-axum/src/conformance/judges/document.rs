//! API-08 to API-10: what the OpenAPI document says, and whether it is so.

use serde_json::Value;

use super::answered;
use crate::conformance::document::{Document, Operation};
use crate::conformance::exchange::{Answer, Exchange, Role};
use crate::conformance::model::{Evidence, Finding, Looked, Wrong, hold};
use crate::conformance::recorded::Recorded;
use crate::conformance::schema::mismatch;
use crate::conformance::text::both;

/// API-08.
pub(super) fn envelopes(recorded: &Recorded) -> Finding {
    let Some(document) = &recorded.document else { return Finding::Absent };
    Finding::of(document.operations().map(|operation| documented(document, operation).map_err(alone)))
}

fn documented(document: &Document, operation: Operation<'_>) -> Looked {
    let (mut successes, mut errors) = (0, 0);
    for status in operation.statuses() {
        let right = document.answer_schema(operation, status).is_some_and(|schema| is_envelope(document, schema));
        let expected = || {
            both("success, data y errors en cada respuesta documentada", "success, data and errors in each documented response")
        };
        hold(right, expected, || format!("{}: {status}", operation.name()))?;
        if status.starts_with('2') { successes += 1 } else { errors += 1 }
    }
    let expected = || both("una respuesta 2xx y al menos una de error", "a 2xx response and at least one error");
    hold(successes > 0 && errors > 0, expected, || format!("{}: {successes} 2xx, {errors} errores / errors", operation.name()))
}

fn is_envelope(document: &Document, schema: &Value) -> bool {
    let properties = document.follow(schema).get("properties");
    ["success", "data", "errors"].iter().all(|name| properties.and_then(|properties| properties.get(name)).is_some())
}

/// API-09.
pub(super) fn prefixes(recorded: &Recorded) -> Finding {
    let Some(document) = &recorded.document else { return Finding::Absent };
    Finding::of(document.operations().map(|operation| is_versioned(operation).map_err(alone)))
}

fn is_versioned(operation: Operation<'_>) -> Looked {
    let version = operation.path.strip_prefix("/api/v").and_then(|rest| rest.split('/').next());
    let right = version.is_some_and(|version| !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit()));
    let exempt = ["/health", "/metrics", "/docs", "/admin"].iter().any(|prefix| operation.path.starts_with(prefix));
    hold(right || exempt, || both("una ruta bajo /api/v{n}", "a path under /api/v{n}"), || operation.name())
}

/// API-10.
pub(super) fn agreement(recorded: &Recorded) -> Finding {
    let Some(document) = &recorded.document else { return Finding::Absent };
    let successes = recorded.let_in(|role| matches!(role, Role::Setup | Role::Success(_) | Role::AtomicRead));
    let answers = successes.filter_map(|exchange| Some((exchange, exchange.answer().filter(|answer| answer.status < 300)?)));
    answered(answers.filter(|(exchange, _)| exchange.template.is_some()), |exchange, answer| agrees(document, exchange, answer))
}

fn agrees(document: &Document, exchange: &Exchange, answer: &Answer) -> Looked {
    let Request { method, template } = Request::of(exchange);
    let Some(operation) = document.operation(method, template) else { return Ok(()) };
    let Some(schema) = document.answer_schema(operation, &answer.status.to_string()) else {
        return Err(Wrong { expected: both("un estado documentado", "a documented status"), obtained: answer.summary() });
    };
    match mismatch(document, schema, &answer.json().unwrap_or_default()) {
        None => Ok(()),
        Some(place) => Err(Wrong {
            expected: both("lo que dice el documento OpenAPI", "what the OpenAPI document says"),
            obtained: format!("{place}; {}", answer.summary()),
        }),
    }
}

struct Request<'a> {
    method: &'a str,
    template: &'a str,
}

impl<'a> Request<'a> {
    fn of(exchange: &'a Exchange) -> Self {
        Self { method: &exchange.request.method, template: exchange.template.as_deref().unwrap_or_default() }
    }
}

fn alone(wrong: Wrong) -> Evidence {
    wrong.by(None)
}
