//! LOG, the form: what every record is, whatever it tells.

use regex_lite::Regex;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::events;
use crate::conformance::exchange::Role;
use crate::conformance::lines::{Line, Log};
use crate::conformance::model::{Evidence, Finding, Looked, Wrong, hold};
use crate::conformance::recorded::Recorded;
use crate::conformance::text::both;

/// What a collector takes as one record.
const RECORD_BYTES: usize = 32 << 10;
/// How far clocks may be apart.
const SKEW: time::Duration = time::Duration::seconds(5);
/// Keys of `context` that hold money.
const MONEY: [&str; 6] = ["monto", "saldo", "nuevo_saldo", "amount", "balance", "total"];

pub(super) fn judge(id: &str, recorded: &Recorded, log: &Log) -> Finding {
    match id {
        "LOG-01" => of_lines(log.lines.iter().filter(|line| !line.cut), is_json),
        "LOG-02" => of_records(log, has_keys),
        "LOG-03" => of_records(log, |record| is_instant(recorded, record)),
        "LOG-04" => of_records(log, is_exact),
        "LOG-05" => of_records(log, has_level),
        "LOG-06" => of_records(log, |record| is_named(recorded, log, record)),
        "LOG-07" => of_records(log, has_id).and(events::ids_arrive(recorded, log)),
        "LOG-14" => amounts(recorded, log),
        "LOG-15" => of_records(log, has_path).and(without_query(recorded, log)),
        "LOG-18" => of_lines(log.lines.iter(), is_not_forged),
        "LOG-19" => of_lines(log.lines.iter(), is_short),
        _ => events::judge(id, recorded, log),
    }
}

pub(super) fn of_lines<'a>(lines: impl Iterator<Item = &'a Line>, look: impl Fn(&Line) -> Looked) -> Finding {
    Finding::of(lines.map(|line| look(line).map_err(|wrong| wrong.by(None))))
}

/// Looks at each record, and shows the whole line of those that are wrong.
pub(super) fn of_records(log: &Log, look: impl Fn(&Value) -> Looked) -> Finding {
    let looked = log.records().map(|(line, record)| {
        look(record).map_err(|Wrong { expected, obtained }| {
            let obtained = if obtained.is_empty() { line.shown() } else { format!("{obtained} · {}", line.shown()) };
            Wrong { expected, obtained }.by(None)
        })
    });
    Finding::of(looked.collect::<Vec<Result<(), Evidence>>>())
}

fn is_json(line: &Line) -> Looked {
    hold(
        line.record.is_some() && line.utf8,
        || both("un objeto JSON en UTF-8 por línea", "a JSON object in UTF-8 per line"),
        || line.shown(),
    )
}

fn is_not_forged(line: &Line) -> Looked {
    let forged = line.record.as_ref().is_some_and(|record| record.get("forjado").is_some());
    let acts = line.text.chars().any(|c| c.is_control() && c != '\t');
    hold(
        !forged && !acts,
        || both("ningún registro ajeno ni byte de control", "no foreign record and no control byte"),
        || line.shown(),
    )
}

fn is_short(line: &Line) -> Looked {
    let expected = || both("a lo más 32 KiB", "at most 32 KiB");
    hold(line.bytes <= RECORD_BYTES, expected, || format!("{} bytes: {}", line.bytes, line.shown()))
}

fn text<'a>(record: &'a Value, key: &str) -> Option<&'a str> {
    record.get(key).and_then(Value::as_str)
}

fn has_keys(record: &Value) -> Looked {
    let missing = ["@timestamp", "level", "artifact", "version", "message"].into_iter().find(|key| text(record, key).is_none());
    let told = missing.or_else(|| record.get("correlation_id").is_none().then_some("correlation_id"));
    hold(
        told.is_none(),
        || both("las claves del lineamiento, de texto", "the guideline's keys, as text"),
        || told.unwrap_or_default().to_owned(),
    )?;
    let text_or_null = |key: &&str| record.get(*key).is_some_and(|value| !value.is_string() && !value.is_null());
    let object = |key: &&str| record.get(*key).is_some_and(|value| !value.is_object() && !value.is_null());
    let wrong = ["correlation_id", "endpoint", "method", "traceback"].iter().find(|key| text_or_null(key));
    let wrong = wrong.or_else(|| ["context", "error"].iter().find(|key| object(key)));
    hold(
        wrong.is_none(),
        || both("endpoint y method de texto, context y error objetos", "endpoint and method text, context and error objects"),
        || wrong.copied().unwrap_or_default().to_owned(),
    )
}

/// The instant in the guideline's form, and how many decimals it has.
fn instant(record: &Value) -> Option<(OffsetDateTime, usize)> {
    let told = text(record, "@timestamp")?;
    let form = Regex::new(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.(\d{1,9}))?Z$").ok()?;
    let decimals = form.captures(told)?.get(2).map_or(0, |decimals| decimals.as_str().len());
    Some((OffsetDateTime::parse(told, &Rfc3339).ok()?, decimals))
}

fn is_instant(recorded: &Recorded, record: &Value) -> Looked {
    let found = instant(record);
    hold(found.is_some(), || both("RFC 3339 en UTC, terminado en Z", "RFC 3339 in UTC, ending in Z"), String::new)?;
    let ours = text(record, "correlation_id").is_some_and(|id| id.starts_with(&format!("chk-{}-", recorded.run)));
    let within = found.is_none_or(|(at, _)| at >= recorded.started - SKEW && at <= recorded.ended + SKEW);
    hold(!ours || within, || both("una hora dentro de esta corrida", "a time within this run"), String::new)
}

fn is_exact(record: &Value) -> Looked {
    let decimals = instant(record).map_or(3, |(_, decimals)| decimals);
    hold(decimals == 3, || both("exactamente tres decimales", "exactly three decimals"), String::new)
}

fn has_level(record: &Value) -> Looked {
    let known = text(record, "level").is_none_or(|level| ["DEBUG", "INFO", "WARNING", "ERROR"].contains(&level));
    hold(known, || both("DEBUG, INFO, WARNING o ERROR", "DEBUG, INFO, WARNING or ERROR"), String::new)
}

fn is_named(recorded: &Recorded, log: &Log, record: &Value) -> Looked {
    let service = &recorded.profile.service;
    let first = log.records().next().map(|(_, first)| first);
    let wanted = |key: &str, profile: &Option<String>| profile.clone().or_else(|| text(first?, key).map(str::to_owned));
    for (key, wanted) in [("artifact", wanted("artifact", &service.artifact)), ("version", wanted("version", &service.version))] {
        let Some(told) = text(record, key) else { continue };
        let right = !told.is_empty() && told != "unknown" && wanted.as_deref().is_none_or(|wanted| wanted == told);
        let name = wanted.unwrap_or_default();
        hold(
            right,
            || both(format!("{key}: {name}, y no unknown"), format!("{key}: {name}, and not unknown")),
            || told.to_owned(),
        )?;
    }
    Ok(())
}

fn has_id(record: &Value) -> Looked {
    let there = record.get("correlation_id").is_none_or(|id| id.as_str().is_some_and(|id| !id.trim().is_empty()));
    hold(there, || both("un correlation_id con texto", "a correlation_id with text"), String::new)
}

fn has_path(record: &Value) -> Looked {
    let path = text(record, "endpoint").is_none_or(|path| !path.contains('?'));
    hold(path, || both("endpoint sin consulta", "endpoint without a query"), String::new)?;
    let of_request = text(record, "endpoint").is_some_and(|path| path.starts_with('/'));
    let method = text(record, "method").is_some_and(|method| !method.is_empty());
    hold(!of_request || method, || both("method con texto", "method with text"), String::new)
}

fn without_query(recorded: &Recorded, log: &Log) -> Finding {
    let asked = recorded.of(|role| role == Role::WithQuery).filter_map(|exchange| Some((exchange, exchange.id.as_deref()?)));
    let looked = asked.flat_map(|(exchange, id)| {
        let path = exchange.request.path.split('?').next().unwrap_or_default();
        log.of(id).map(move |(line, record)| {
            let right = text(record, "endpoint") == Some(path);
            hold(right, || both(format!("endpoint: {path}"), format!("endpoint: {path}")), || line.shown())
                .map_err(|wrong| wrong.by(Some(exchange.curl())))
        })
    });
    Finding::of(looked.collect::<Vec<Result<(), Evidence>>>())
}

fn amounts(recorded: &Recorded, log: &Log) -> Finding {
    let more = &recorded.profile.log.money;
    let is_money = |key: &str| MONEY.contains(&key) || more.iter().any(|name| name == key);
    let told = log.records().flat_map(|(line, record)| {
        let context = record.get("context").and_then(Value::as_object).into_iter().flatten();
        context.filter(|(key, _)| is_money(key)).map(move |(_, value)| (line, value))
    });
    let looked = told.map(|(line, value)| {
        let right = value.is_string() || value.is_null();
        hold(right, || both("los montos como texto", "amounts as text"), || line.shown()).map_err(|wrong| wrong.by(None))
    });
    match Finding::of(looked.collect::<Vec<Result<(), Evidence>>>()) {
        Finding::Absent if recorded.has_profile => {
            Finding::NotApplicable(both("Ningún registro trae montos", "No record has amounts"))
        }
        found => found,
    }
}
