//! CFG and DB: how the service starts, and whether its data stay whole.

use super::each;
use crate::conformance::exchange::Role;
use crate::conformance::model::{Finding, hold};
use crate::conformance::profile::Config;
use crate::conformance::recorded::{Misconfigured, Recorded};
use crate::conformance::text::both;

pub(super) fn judge(id: &str, recorded: &Recorded) -> Finding {
    let started = recorded.misconfigured.as_ref().zip(recorded.profile.config.as_ref());
    match (id, started) {
        ("CFG-01", Some((start, config))) => refuses(start, config),
        ("CFG-03", Some((start, _))) => keeps_secrets(start),
        ("DB-01", _) => atomic(recorded),
        _ => Finding::Absent,
    }
}

fn refuses(start: &Misconfigured, config: &Config) -> Finding {
    let name = &config.missing;
    let tail = start.log.tail();
    if start.served {
        let expected = both(format!("no escucha sin {name}"), format!("does not listen without {name}"));
        return Finding::broken(expected, &tail, None);
    }
    if !matches!(start.code, Some(1..)) {
        let expected = both(
            format!("termina con estado distinto de 0 sin {name}"),
            format!("ends with a status other than 0 without {name}"),
        );
        return Finding::broken(expected, &format!("{:?}: {tail}", start.code), None);
    }
    let named = start.log.lines.iter().any(|line| line.text.to_lowercase().contains(&name.to_lowercase()));
    if named {
        Finding::Pass
    } else {
        Finding::broken(both(format!("un mensaje que nombre {name}"), format!("a message that names {name}")), &tail, None)
    }
}

fn keeps_secrets(start: &Misconfigured) -> Finding {
    let Some(secret) = &start.secret else { return Finding::Absent };
    match start.log.lines.iter().find(|line| line.text.contains(secret)) {
        None => Finding::Pass,
        Some(line) => Finding::broken(both("ningún secreto en la salida", "no secret in the output"), &line.shown(), None),
    }
}

fn atomic(recorded: &Recorded) -> Finding {
    let Some(atomic) = &recorded.profile.atomic else {
        let none = || {
            Finding::NotApplicable(both("El perfil no nombra gastos simultáneos", "The profile names no simultaneous spending"))
        };
        return if recorded.has_profile { none() } else { Finding::Absent };
    };
    let succeeded =
        recorded.let_in(|role| role == Role::Atomic).filter(|exchange| matches!(exchange.status(), Some(200..=299))).count();
    each(recorded.let_in(|role| role == Role::AtomicRead), |_, answer| {
        let wanted = atomic.succeed;
        let expected =
            || both(format!("{wanted} éxitos de {}", atomic.attempts), format!("{wanted} successes of {}", atomic.attempts));
        hold(succeeded == wanted, expected, || succeeded.to_string())?;
        let body = answer.json().unwrap_or_default();
        let right = body.pointer(&atomic.pointer) == Some(&atomic.expect);
        let left = &atomic.expect;
        hold(right, || both(format!("{}: {left}", atomic.pointer), format!("{}: {left}", atomic.pointer)), || answer.summary())
    })
}
