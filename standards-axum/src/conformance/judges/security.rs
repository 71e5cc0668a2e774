//! SEC: what browsers and attackers are told.

use super::{answered, each};
use crate::conformance::exchange::{Answer, Exchange, Role};
use crate::conformance::model::{Finding, Looked, hold};
use crate::conformance::recorded::Recorded;
use crate::conformance::text::both;

pub(super) fn judge(id: &str, recorded: &Recorded) -> Finding {
    match id {
        "SEC-01" => {
            each(recorded.of(|role| matches!(role, Role::Origin | Role::Preflight)), |_, answer| keeps_strangers_out(answer))
        }
        "SEC-02" => answered(recorded.api_answers(), nosniff),
        "SEC-03" => answered(recorded.api_answers(), |_, answer| hides_version(answer)),
        _ => Finding::Absent,
    }
}

fn keeps_strangers_out(answer: &Answer) -> Looked {
    let origin = answer.header("access-control-allow-origin").unwrap_or_default();
    let credentials = answer.header("access-control-allow-credentials") == Some("true");
    let open = credentials && (origin == "*" || origin == "https://chk.invalid");
    hold(
        !open,
        || both("ningún permiso con credenciales a un origen desconocido", "no credentials for an unknown origin"),
        || format!("Access-Control-Allow-Origin: {origin}, Access-Control-Allow-Credentials: true"),
    )
}

fn nosniff(_: &Exchange, answer: &Answer) -> Looked {
    let told = answer.header("x-content-type-options").unwrap_or_default();
    let expected = || both("X-Content-Type-Options: nosniff", "X-Content-Type-Options: nosniff");
    hold(told.eq_ignore_ascii_case("nosniff"), expected, || format!("{} X-Content-Type-Options: {told}", answer.status))
}

fn hides_version(answer: &Answer) -> Looked {
    let banner = ["server", "x-powered-by"]
        .iter()
        .filter_map(|name| answer.header(name))
        .find(|value| value.contains(|c: char| c.is_ascii_digit()));
    hold(banner.is_none(), || both("sin versión", "no version"), || banner.unwrap_or_default().to_owned())
}
