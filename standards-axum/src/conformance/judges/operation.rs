//! OPS: what operators rely on.

use super::each;
use super::events::has_level;
use crate::conformance::exchange::{Answer, Role};
use crate::conformance::lines::Log;
use crate::conformance::model::{Evidence, Finding, Looked, hold};
use crate::conformance::recorded::Recorded;
use crate::conformance::text::both;

pub(super) fn judge(id: &str, recorded: &Recorded) -> Finding {
    match id {
        "OPS-01" => each(recorded.of(|role| role == Role::Live), |_, answer| is_ok(answer)),
        "OPS-03" => each(recorded.of(|role| role == Role::Metrics), |_, answer| is_metrics(answer)),
        "OPS-04" => stops(recorded),
        "OPS-05" => each(recorded.of(|role| role == Role::Docs), |_, answer| stays_at_home(answer)),
        "OPS-06" => recorded.log_of(id).map_or(Finding::Absent, |log| quiet(recorded, log)),
        _ => Finding::Absent,
    }
}

fn is_ok(answer: &Answer) -> Looked {
    hold(answer.status == 200, || both("estado 200", "status 200"), || answer.summary())
}

fn is_metrics(answer: &Answer) -> Looked {
    is_ok(answer)?;
    let right = String::from_utf8_lossy(&answer.body).lines().any(|line| line.starts_with("# TYPE "));
    hold(right, || both("el formato de texto de Prometheus", "Prometheus' text format"), || answer.summary())
}

fn stops(recorded: &Recorded) -> Finding {
    let Some(ended) = &recorded.stopped else { return Finding::Absent };
    if ended.in_order() {
        return Finding::Pass;
    }
    let status = ended.status.map_or_else(|| "?".to_owned(), |status| status.to_string());
    let obtained = format!("{status}, {} ms{}", ended.took.as_millis(), if ended.killed { ", SIGKILL" } else { "" });
    Finding::broken(
        both("estado 0 o 143 en menos de 10 s tras SIGTERM", "status 0 or 143 within 10 s of SIGTERM"),
        &obtained,
        None,
    )
}

/// Looks for addresses of other hosts in what a page loads.
fn stays_at_home(answer: &Answer) -> Looked {
    is_ok(answer)?;
    let page = String::from_utf8_lossy(&answer.body).to_lowercase();
    let foreign = ["src=", "href="].iter().find_map(|name| {
        let mut values = page.split(name).skip(1).map(|rest| rest.trim_start_matches(['"', '\'']));
        values.find(|value| ["http://", "https://", "//"].iter().any(|prefix| value.starts_with(prefix)))
    });
    let shown = || foreign.unwrap_or_default().chars().take(80).collect();
    hold(foreign.is_none(), || both("nada de otros servidores", "nothing of other hosts"), shown)
}

fn quiet(recorded: &Recorded, log: &Log) -> Finding {
    let probes = recorded.of(|role| role == Role::Live).filter(|exchange| exchange.status() == Some(200));
    let looked = probes.filter_map(|exchange| Some((exchange, exchange.id.as_deref()?))).map(|(exchange, id)| {
        let loud = log.of(id).find(|(_, record)| !has_level(record, "DEBUG"));
        let shown = || loud.map(|(line, _)| line.shown()).unwrap_or_default();
        hold(
            loud.is_none(),
            || both("ningún registro INFO o mayor por una sonda", "no record at INFO or above for a probe"),
            shown,
        )
        .map_err(|wrong| wrong.by(Some(exchange.curl())))
    });
    Finding::of(looked.collect::<Vec<Result<(), Evidence>>>())
}
