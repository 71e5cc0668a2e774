//! What a service does when what it depends on is away.

use std::time::Duration;

use serde_json::Value;

use super::envelope;
use crate::conformance::exchange::Exchange;
use crate::conformance::model::{Evidence, Finding, Looked, Wrong, hold};
use crate::conformance::profile::DependencyKind;
use crate::conformance::recorded::{Outage, Recorded, Timed};
use crate::conformance::text::both;

/// What an answer may take that does not wait for who is away.
const BOUND: Duration = Duration::from_secs(2);

/// The rules that are judged here; they take a start of their own.
pub(in crate::conformance) const RULES: [&str; 5] = ["ERR-08", "COR-08", "CAC-01", "RES-01", "OPS-02"];

pub(super) fn judge(id: &str, recorded: &Recorded) -> Finding {
    let kind = match id {
        "CAC-01" => DependencyKind::Cache,
        "COR-08" | "RES-01" => DependencyKind::Service,
        _ => DependencyKind::Database,
    };
    let named = &recorded.profile.dependency;
    if !named.is_empty() && named.iter().all(|dependency| dependency.kind != kind) {
        return Finding::NotApplicable(both("El perfil no nombra una dependencia así", "The profile names no such dependency"));
    }
    let of_kind = recorded.outages.iter().filter(|outage| outage.kind == kind);
    Finding::of(of_kind.flat_map(|outage| looked(id, outage)).collect::<Vec<Result<(), Evidence>>>())
}

fn looked(id: &str, outage: &Outage) -> Vec<Result<(), Evidence>> {
    match id {
        "ERR-08" => each(&outage.during, is_unavailable),
        "OPS-02" => vec![turns(outage.ready).map_err(|wrong| wrong.by(None))],
        "CAC-01" => {
            outage.usual.iter().zip(&outage.during).map(|(usual, during)| at(during, is_the_same(usual, during))).collect()
        }
        "COR-08" => each(&outage.usual, |timed| is_handed_on(outage, &timed.exchange)),
        _ => outage.during.last().map(|last| at(last, opens(outage, last))).into_iter().collect(),
    }
}

fn each(timed: &[Timed], look: impl Fn(&Timed) -> Looked) -> Vec<Result<(), Evidence>> {
    timed.iter().map(|timed| at(timed, look(timed))).collect()
}

fn at(timed: &Timed, looked: Looked) -> Result<(), Evidence> {
    looked.map_err(|wrong| wrong.by(Some(timed.exchange.curl())))
}

/// The answer, or why there is none, and what it took.
fn shown(timed: &Timed) -> String {
    let answer = match &timed.exchange.outcome {
        Ok(answer) => answer.summary(),
        Err(trouble) => trouble.summary(),
    };
    format!("{} ms: {answer}", timed.took.as_millis())
}

fn is_unavailable(timed: &Timed) -> Looked {
    let expected = || both("503 con el código SERVICE_UNAVAILABLE", "503 with the code SERVICE_UNAVAILABLE");
    let items = timed.exchange.answer().map(envelope::items).unwrap_or_default();
    let right = timed.exchange.status() == Some(503) && items.first().is_some_and(|(code, _)| code == "SERVICE_UNAVAILABLE");
    hold(right, expected, || shown(timed))?;
    timed.exchange.answer().map_or(Ok(()), envelope::readable_error)
}

fn turns(ready: [Option<u16>; 3]) -> Looked {
    let told = || ready.map(|status| status.map_or_else(|| "—".to_owned(), |status| status.to_string())).join(", ");
    let expected = || both("200, 503 sin base de datos, 200 después", "200, 503 without the database, 200 afterwards");
    hold(ready == [Some(200), Some(503), Some(200)], expected, told)
}

fn is_the_same(usual: &Timed, during: &Timed) -> Looked {
    let said = |timed: &Timed| timed.exchange.answer().map(|answer| (answer.status, answer.json().unwrap_or(Value::Null)));
    let expected =
        both(format!("en menos de {BOUND:?} lo mismo: {}", shown(usual)), format!("the same within {BOUND:?}: {}", shown(usual)));
    hold(said(during).is_some() && said(usual) == said(during) && during.took < BOUND, || expected, || shown(during))
}

fn is_handed_on(outage: &Outage, exchange: &Exchange) -> Looked {
    let id = exchange.id.clone().unwrap_or_default();
    hold(
        outage.ids.contains(&id),
        || both(format!("X-Correlation-ID: {id} en la llamada"), format!("X-Correlation-ID: {id} in the call")),
        || outage.ids.join(", "),
    )
}

fn opens(outage: &Outage, last: &Timed) -> Looked {
    let expected = both("deja de llamar y responde 503 en menos de 2 s", "stops calling and answers 503 within 2 s");
    if !outage.gave_up {
        return Err(Wrong { expected, obtained: format!("{} ✘ {}", outage.during.len(), shown(last)) });
    }
    hold(last.took < BOUND && last.exchange.status() == Some(503), || expected, || shown(last))
}
