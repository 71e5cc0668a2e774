//! Why a rule was not tested: what was missing.

use standards_core::rules::{Bilingual, Need, Rule};

use crate::conformance::recorded::{Recorded, Way};
use crate::conformance::text::both;

/// What requests of others may show.
const SHOWN: [&str; 24] = [
    "API-01", "API-02", "API-03", "API-04", "API-05", "API-07", "API-08", "API-09", "API-10", "ERR-03", "ERR-04", "ERR-05",
    "ERR-06", "ERR-07", "ERR-09", "ERR-10", "VAL-04", "VAL-08", "COR-01", "COR-02", "COR-03", "COR-04", "SEC-02", "SEC-03",
];

/// For rules that are not seen from outside.
pub(super) fn review() -> Bilingual {
    both("No se ve desde fuera: la revisa una persona", "Not seen from outside: a person reviews it")
}

/// What was missing first.
pub(super) fn reason(rule: &Rule, recorded: &Recorded) -> Bilingual {
    if recorded.wants_token() && rule.family != "LOG" {
        return both("El servicio pide un token, y no se dio ninguno", "The service wants a token, and none was given");
    }
    if recorded.way == Way::Watched {
        return watched(rule);
    }
    if rule.family == "LOG" && recorded.way == Way::Inside {
        return inside(rule, recorded);
    }
    let missing = rule.needs.iter().find_map(|need| missing(*need, recorded));
    missing.unwrap_or_else(|| both("Ninguna solicitud lo mostró", "No request showed it"))
}

/// Where others ask.
fn watched(rule: &Rule) -> Bilingual {
    if rule.needs.contains(&Need::Logs) {
        return both("El log no pasa por aquí: júzguelo con logs", "The log does not pass here: judge it by logs");
    }
    if SHOWN.contains(&rule.id.as_str()) {
        return both("Nada de lo que pasó lo muestra", "Nothing that passed shows it");
    }
    both("Solo lo muestra una solicitud hecha para eso: use run", "Only a request made for it shows it: use run")
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
    Some(match need {
        Need::Outage => outage(recorded),
        Need::Logs if recorded.log.as_ref().is_none_or(|log| log.lines.is_empty()) => {
            both("No hay log: use --spawn o --logs", "There is no log: use --spawn or --logs")
        }
        Need::Spawn => both("Solo con --spawn, y si el perfil lo describe", "Only with --spawn, where the profile describes it"),
        Need::Fault => fault(recorded),
        Need::Token => both("El perfil no trae un token", "The profile brings no token"),
        Need::Profile if !recorded.has_profile => both("No hay perfil", "There is no profile"),
        Need::Profile => both("El perfil no trae este caso", "The profile has no such case"),
        Need::Openapi if !has_case => {
            both("No hay documento OpenAPI ni perfil", "There is neither an OpenAPI document nor a profile")
        }
        Need::Logs | Need::Openapi | Need::Evidence => return None,
    })
}

fn outage(recorded: &Recorded) -> Bilingual {
    if recorded.profile.dependency.is_empty() {
        return both("El perfil no nombra dependencias ([[dependency]])", "The profile names no dependencies ([[dependency]])");
    }
    both(
        "Solo con --spawn, y si la variable de la dependencia trae una dirección",
        "Only with --spawn, where the dependency's variable holds an address",
    )
}

fn fault(recorded: &Recorded) -> Bilingual {
    if recorded.fault_is_missing {
        return both("La ruta que falla no está: responde 404", "The route that fails is not there: it answers 404");
    }
    both("El perfil no nombra una ruta que falle", "The profile names no route that fails")
}
