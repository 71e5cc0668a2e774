//! COR: each request has an id, and keeps it.

use std::collections::{HashMap, HashSet};

use super::{answered, each};
use crate::conformance::exchange::{Answer, Exchange, Role, Trouble};
use crate::conformance::model::{Evidence, Finding, Looked, Wrong, hold};
use crate::conformance::recorded::Recorded;
use crate::conformance::text::both;

/// The header, as answers have it.
const HEADER: &str = "x-correlation-id";

pub(super) fn judge(id: &str, recorded: &Recorded) -> Finding {
    match id {
        "COR-01" => answered(sent(recorded, Role::is_operation, 200..300), echoes),
        "COR-02" => generated(recorded),
        "COR-03" => answered(sent(recorded, |_| true, 400..500), echoes),
        "COR-04" => answered(sent(recorded, |role| role == Role::Fault, 500..600), echoes),
        "COR-05" => crossed(recorded).and(crossed_in_log(recorded)),
        "COR-06" => each(recorded.of(|role| role == Role::EmptyId), |_, answer| is_there(answer)),
        "COR-07" => odd(recorded),
        _ => Finding::Absent,
    }
}

/// Answers to requests that had an id of ours.
fn sent(
    recorded: &Recorded,
    wanted: impl Fn(Role) -> bool,
    statuses: std::ops::Range<u16>,
) -> impl Iterator<Item = (&Exchange, &Answer)> {
    let answers = recorded.of(wanted).filter_map(|exchange| Some((exchange, exchange.answer()?)));
    answers.filter(move |(exchange, answer)| exchange.id.is_some() && statuses.contains(&answer.status))
}

fn echoes(exchange: &Exchange, answer: &Answer) -> Looked {
    let id = exchange.id.as_deref().unwrap_or_default();
    hold(
        answer.header(HEADER) == Some(id),
        || both(format!("X-Correlation-ID: {id}"), format!("X-Correlation-ID: {id}")),
        || told(answer),
    )
}

fn is_there(answer: &Answer) -> Looked {
    let there = answer.header(HEADER).is_some_and(|id| !id.trim().is_empty());
    hold(there, || both("un X-Correlation-ID nuevo", "a new X-Correlation-ID"), || told(answer))
}

fn generated(recorded: &Recorded) -> Finding {
    let without = || recorded.of(|role| role == Role::NoId);
    let ids: Vec<&str> = without().filter_map(|exchange| exchange.answer()?.header(HEADER)).collect();
    let differ = ids.iter().collect::<HashSet<_>>().len() == ids.len();
    each(without(), |_, answer| {
        is_there(answer)?;
        hold(differ, || both("otro id en cada solicitud", "another id for each request"), || told(answer))
    })
}

/// Somebody else's id among the answers to simultaneous requests.
fn crossed(recorded: &Recorded) -> Finding {
    let parallel = || recorded.of(|role| role == Role::Parallel);
    let ids: Vec<&str> = parallel().filter_map(|exchange| exchange.id.as_deref()).collect();
    let answers = parallel().filter_map(|exchange| Some((exchange, exchange.answer()?)));
    answered(answers, |exchange, answer| {
        let echoed = answer.header(HEADER);
        let foreign = echoed != exchange.id.as_deref() && echoed.is_some_and(|id| ids.contains(&id));
        hold(!foreign, || both("el id de la propia solicitud", "the request's own id"), || told(answer))
    })
}

/// Records under the id of a request that were made for another path.
fn crossed_in_log(recorded: &Recorded) -> Finding {
    let Some(log) = &recorded.log else { return Finding::Absent };
    let sent: HashMap<&str, &str> =
        recorded.exchanges.iter().filter_map(|exchange| Some((exchange.id.as_deref()?, path_of(exchange)))).collect();
    let with_path = log.records().filter_map(|(line, record)| {
        let path = sent.get(record.get("correlation_id")?.as_str()?)?;
        Some((line, path, record.get("endpoint")?.as_str()?))
    });
    let looked = with_path.map(|(line, path, endpoint)| {
        let endpoint = endpoint.split('?').next().unwrap_or_default();
        let known = endpoint == *path || !sent.values().any(|other| *other == endpoint);
        let expected =
            || both(format!("los registros de este id son de {path}"), format!("the records of this id are of {path}"));
        hold(known, expected, || line.shown()).map_err(|wrong| wrong.by(None))
    });
    Finding::of(looked.collect::<Vec<Result<(), Evidence>>>())
}

fn path_of(exchange: &Exchange) -> &str {
    exchange.request.path.split('?').next().unwrap_or_default()
}

/// An odd id is replaced, or its request refused.
fn odd(recorded: &Recorded) -> Finding {
    let looked = recorded.of(|role| role == Role::OddId).filter_map(|exchange| match &exchange.outcome {
        Err(Trouble::Deadline) => None,
        Err(_) => Some(Ok(())),
        Ok(answer) => Some(replaces(exchange, answer).map_err(|wrong| wrong.by(Some(exchange.curl())))),
    });
    Finding::of(looked.collect::<Vec<Result<(), Evidence>>>())
}

fn replaces(exchange: &Exchange, answer: &Answer) -> Looked {
    let given = exchange.request.headers.iter().rfind(|header| header.name == "X-Correlation-ID");
    let given = given.map(|header| String::from_utf8_lossy(&header.value).into_owned()).unwrap_or_default();
    match answer.header(HEADER) {
        None if answer.status == 400 || answer.status == 431 => Ok(()),
        Some(id) if !id.is_empty() && id != given && id.trim() != given.trim() => Ok(()),
        _ => Err(Wrong { expected: both("un X-Correlation-ID nuevo", "a new X-Correlation-ID"), obtained: told(answer) }),
    }
}

/// The header as it came.
fn told(answer: &Answer) -> String {
    match answer.header(HEADER) {
        Some(id) => format!("{} X-Correlation-ID: {}", answer.status, id.chars().take(80).collect::<String>()),
        None => format!("{} sin / without X-Correlation-ID", answer.status),
    }
}
