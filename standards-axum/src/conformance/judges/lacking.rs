//! Why a rule was not tested: what was missing.

use standards_core::rules::{Bilingual, Need, Rule};

use crate::conformance::recorded::{Recorded, Way};
use crate::conformance::text::both;

/// For rules that are not seen from outside.
pub(super) fn review() -> Bilingual {
    both("No se ve desde fuera: la revisa una persona", "Not seen from outside: a person reviews it")
}

/// What was missing first.
pub(super) fn reason(rule: &Rule, recorded: &Recorded) -> Bilingual {
    if recorded.wants_token() && rule.family != "LOG" {
        return both("El servicio pide un token, y no se dio ninguno", "The service wants a token, and none was given");
    }
    if rule.family == "LOG" && recorded.way == Way::Inside {
        return inside(rule, recorded);
    }
    let missing = rule.needs.iter().find_map(|need| missing(*need, recorded));
    missing.unwrap_or_else(|| both("Ninguna solicitud lo mostró", "No request showed it"))
}

/// Of the log, within a test.
fn inside(rule: &Rule, recorded: &Recorded) -> Bilingual {
    if recorded.log.is_none() {
        return both("El log solo se captura con la feature testkit", "The log is captured with the feature testkit only");
    }
    if recorded.log_of(&rule.id).is_none() {
        return both(
            "Una prueba no ve la salida del proceso: use --spawn",
            "A test does not see the process's output: use --spawn",
        );
    }
    let missing = rule.needs.iter().filter(|need| **need != Need::Logs).find_map(|need| missing(*need, recorded));
    missing.unwrap_or_else(|| both("Ninguna solicitud lo mostró", "No request showed it"))
}

fn missing(need: Need, recorded: &Recorded) -> Option<Bilingual> {
    let has_case = recorded.has_profile || recorded.document.is_some();
    match need {
        Need::Outage => Some(both("Esta versión no detiene dependencias", "This version stops no dependencies")),
        Need::Logs if recorded.log.as_ref().is_none_or(|log| log.lines.is_empty()) => {
            Some(both("No hay log: use --spawn o --logs", "There is no log: use --spawn or --logs"))
        }
        Need::Spawn => {
            Some(both("Solo con --spawn, y si el perfil lo describe", "Only with --spawn, where the profile describes it"))
        }
        Need::Fault => Some(both("El perfil no nombra una ruta que falle", "The profile names no route that fails")),
        Need::Token => Some(both("El perfil no trae un token", "The profile brings no token")),
        Need::Profile if !recorded.has_profile => Some(both("No hay perfil", "There is no profile")),
        Need::Profile => Some(both("El perfil no trae este caso", "The profile has no such case")),
        Need::Openapi if !has_case => {
            Some(both("No hay documento OpenAPI ni perfil", "There is neither an OpenAPI document nor a profile"))
        }
        Need::Logs | Need::Openapi | Need::Evidence => None,
    }
}
