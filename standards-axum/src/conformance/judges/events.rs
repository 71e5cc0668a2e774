//! LOG, the events: what is told of which request, and what is not.

use serde_json::Value;

use super::records::of_lines;
use crate::conformance::exchange::{Exchange, Role};
use crate::conformance::lines::{Line, Log};
use crate::conformance::model::{Evidence, Finding, Looked, hold};
use crate::conformance::recorded::Recorded;
use crate::conformance::text::both;

pub(super) fn judge(id: &str, recorded: &Recorded, log: &Log) -> Finding {
    match id {
        "LOG-08" => business(recorded, log),
        "LOG-09" => of_requests(
            recorded,
            |role| matches!(role, Role::Refusal(_)),
            |exchange, id| has_warning(recorded, exchange, log, id),
        ),
        "LOG-10" => of_requests(recorded, is_expected, |_, id| has_no_error(log, id)),
        "LOG-11" => of_requests(recorded, |role| matches!(role, Role::Invalid(_)), |_, id| is_warned(log, id)),
        "LOG-12" => of_requests(recorded, |role| role == Role::Fault, |_, id| is_traced(log, id)),
        "LOG-13" => of_lines(log.lines.iter(), |line| is_discreet(recorded, line)),
        "LOG-16" if log.dropped == 0 => of_requests(recorded, Role::is_operation, |_, id| has_access(log, id)),
        "LOG-17" => recorded.quiet.as_ref().map_or(Finding::Absent, is_quiet),
        _ => Finding::Absent,
    }
}

/// Looks at the records of each request that was answered and let in.
fn of_requests(recorded: &Recorded, wanted: impl Fn(Role) -> bool, look: impl Fn(&Exchange, &str) -> Looked) -> Finding {
    let answered = recorded.let_in(wanted).filter(|exchange| exchange.answer().is_some());
    let with_id = answered.filter_map(|exchange| Some((exchange, exchange.id.as_deref()?)));
    let looked = with_id.map(|(exchange, id)| look(exchange, id).map_err(|wrong| wrong.by(Some(exchange.curl()))));
    Finding::of(looked.collect::<Vec<Result<(), Evidence>>>())
}

/// LOG-07, its second part: the ids that were sent stand in the log.
pub(super) fn ids_arrive(recorded: &Recorded, log: &Log) -> Finding {
    let mut cases =
        recorded.let_in(|role| matches!(role, Role::Success(_) | Role::Refusal(_))).filter_map(|exchange| exchange.id.as_deref());
    let sent: Vec<&str> = cases.by_ref().collect();
    if sent.is_empty() || sent.iter().any(|id| log.of(id).next().is_some()) {
        return Finding::Pass;
    }
    let expected = both("el id enviado en los registros de su solicitud", "the id that was sent in its request's records");
    Finding::broken(expected, &log.tail(), None)
}

fn business(recorded: &Recorded, log: &Log) -> Finding {
    let names = |role| match role {
        Role::Success(at) => recorded.profile.success.get(at).map_or(&[][..], |case| &case.context),
        _ => &[],
    };
    if recorded.has_profile && recorded.profile.success.iter().all(|case| case.context.is_empty()) {
        return Finding::NotTested(both(
            "El perfil no nombra una operación de negocio (context)",
            "The profile names no business operation (context)",
        ));
    }
    of_requests(recorded, |role| !names(role).is_empty(), |exchange, id| tells_business(names(exchange.role), log, id))
}

/// INFO at the start and the end, beside the access record, with these names in `context`.
fn tells_business(names: &[String], log: &Log, id: &str) -> Looked {
    let records = log.of(id).map(|(_, record)| record);
    let told: Vec<&Value> = records.filter(|record| has_level(record, "INFO") && !is_access(record)).collect();
    let shown = || shown(log, id);
    hold(told.len() >= 2, || both("INFO al empezar y al terminar", "INFO at the start and the end"), shown)?;
    let carried = |name: &String| told.iter().any(|record| in_context(record, name).is_some());
    let missing = names.iter().find(|name| !carried(name));
    let wanted = missing.cloned().unwrap_or_default();
    hold(missing.is_none(), || both(format!("{wanted} en context"), format!("{wanted} in context")), shown)
}

const fn is_expected(role: Role) -> bool {
    matches!(role, Role::Refusal(_) | Role::Invalid(_))
}

fn has_warning(recorded: &Recorded, exchange: &Exchange, log: &Log, id: &str) -> Looked {
    let case = match exchange.role {
        Role::Refusal(at) => recorded.profile.refusal.get(at),
        _ => None,
    };
    let code = case.map(|case| case.code.as_str()).unwrap_or_default();
    let tells = |record: &Value| {
        let of_error = record.get("error").and_then(|error| error.get("error_code"));
        has_level(record, "WARNING") && in_context(record, "error_code").or(of_error).and_then(Value::as_str) == Some(code)
    };
    let expected = || both(format!("WARNING con error_code {code}"), format!("WARNING with error_code {code}"));
    hold(log.of(id).any(|(_, record)| tells(record)), expected, || shown(log, id))
}

fn has_no_error(log: &Log, id: &str) -> Looked {
    let error = log.of(id).find(|(_, record)| has_level(record, "ERROR"));
    hold(
        error.is_none(),
        || both("nada en ERROR", "nothing at ERROR"),
        || error.map(|(line, _)| line.shown()).unwrap_or_default(),
    )
}

fn is_warned(log: &Log, id: &str) -> Looked {
    let warned = log.of(id).any(|(_, record)| has_level(record, "WARNING"));
    hold(warned, || both("un registro WARNING", "a WARNING record"), || shown(log, id))
}

fn is_traced(log: &Log, id: &str) -> Looked {
    let filled = |value: Option<&Value>| value.and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty());
    let traced = log.of(id).map(|(_, record)| record).filter(|record| has_level(record, "ERROR")).any(|record| {
        let error = record.get("error");
        let part = |name: &str| error.and_then(|error| error.get(name));
        filled(part("type")) && (filled(part("traceback")) || filled(record.get("traceback")))
    });
    hold(traced, || both("ERROR con error.type y traceback", "ERROR with error.type and traceback"), || shown(log, id))
}

fn is_discreet(recorded: &Recorded, line: &Line) -> Looked {
    let of_fault = recorded.profile.fault.iter().map(|fault| &fault.canary).filter(|canary| !canary.is_empty());
    let found = recorded.canaries.iter().chain(of_fault).find(|canary| line.text.contains(canary.as_str()));
    hold(found.is_none(), || both("ningún dato sensible", "nothing sensitive"), || line.shown())
}

fn has_access(log: &Log, id: &str) -> Looked {
    let count = log.of(id).filter(|(_, record)| is_access(record)).count();
    let expected =
        || both("un registro con status y duration_ms en context", "one record with status and duration_ms in context");
    hold(count == 1, expected, || format!("{count}: {}", shown(log, id)))
}

fn is_quiet(log: &Log) -> Finding {
    let loud = log.records().find(|(_, record)| !has_level(record, "ERROR"));
    match loud {
        None => Finding::Pass,
        Some((line, _)) => {
            Finding::broken(both("solo ERROR con LOG_LEVEL=ERROR", "only ERROR with LOG_LEVEL=ERROR"), &line.shown(), None)
        }
    }
}

pub(super) fn has_level(record: &Value, level: &str) -> bool {
    record.get("level").and_then(Value::as_str) == Some(level)
}

/// Whether a record tells how a request ended.
fn is_access(record: &Value) -> bool {
    let any = |names: &[&str]| names.iter().any(|name| in_context(record, name).is_some());
    any(&["status", "status_code"]) && any(&["duration_ms", "duration", "elapsed_ms", "latency_ms", "duration_s"])
}

fn in_context<'a>(record: &'a Value, name: &str) -> Option<&'a Value> {
    record.get("context")?.get(name)
}

/// What the log has of a request.
fn shown(log: &Log, id: &str) -> String {
    let lines: Vec<String> = log.of(id).take(3).map(|(line, _)| line.shown()).collect();
    if lines.is_empty() { "ningún registro con este id / no record with this id".to_owned() } else { lines.join(" | ") }
}
