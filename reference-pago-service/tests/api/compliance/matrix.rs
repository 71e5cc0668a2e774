//! The page itself.

use std::fmt::Write as _;

use serde_json::Value;
use standards_core::Language;
use standards_core::rules::{Heading, Rule, catalogue};

use super::{Proof, Proofs};

const BEGINNING: &str = "# Matriz de cumplimiento

Cada regla del lineamiento: dónde está en el código, qué prueba la demuestra y qué dice de ella `standards-check` cuando juzga el servicio de
referencia. Las reglas completas están en [rules.md](rules.md), y cómo se juzga otro servicio, en [standards-check.md](standards-check.md).

Página generada por `ACCEPT_PAGES=1 cargo test -p reference-pago-service --test api compliance`, a partir del catálogo de reglas, de
[cumplimiento.toml](cumplimiento.toml) y de una corrida de `standards-check run --spawn` con SQLite. Sin la variable, la misma prueba compara la página y
comprueba que cada archivo y cada prueba existen.
";

const ENDING: &str = "
## Los resultados

| signo | resultado | qué significa |
|---|---|---|
| ✔ | cumple | se cumple en todo lo que se vio |
| ✘ | no cumple | una regla no se cumple |
| ○ | la revisa una persona | no se ve desde fuera; la prueba de la tabla es lo que esa persona mira |
| · | no se vio | esa corrida no lo provoca (una dependencia caída, una ruta que falle); la prueba de la tabla sí |
| – | no aplica | no pide nada a este servicio |
";

/// The whole of it.
pub(super) fn page(proofs: &Proofs, report: &Value) -> String {
    let mut page = BEGINNING.to_owned();
    let _ = writeln!(page, "\n{}", summary(report));
    checklist(&mut page, report);
    for family in &catalogue().families {
        section(&mut page, family, proofs, report);
    }
    page + ENDING
}

/// The verdict of the run, and how many rules of each level are kept.
fn summary(report: &Value) -> String {
    let kept = ["MUST", "SHOULD", "EXT"].map(|level| {
        let of_level: Vec<&Rule> = catalogue().rules.iter().filter(|rule| rule.level.as_str() == level).collect();
        let passed = of_level.iter().filter(|rule| status(report, &rule.id) == "pass").count();
        format!("{level} {passed} de {}", of_level.len())
    });
    format!("La corrida: **{}**; cumplen {}.", report["verdict"].as_str().unwrap(), kept.join(", "))
}

fn checklist(page: &mut String, report: &Value) {
    page.push_str("\n## El checklist del lineamiento\n\n| casilla | qué pide | resultado | reglas |\n|---|---|---|---|\n");
    for ticked in report["checklist"].as_array().unwrap() {
        let [id, title, status] = ["id", "title", "status"].map(|key| ticked[key].as_str().unwrap());
        let rules = ticked["rules"].as_array().unwrap().iter().map(|id| catalogue().rule(id.as_str().unwrap()).unwrap());
        let links: Vec<String> = rules.map(link_to).collect();
        let _ = writeln!(page, "| {id} | {title} | {} | {} |", told(status), links.join(", "));
    }
}

/// Leads to the rule's family on this page.
fn link_to(rule: &Rule) -> String {
    let family = catalogue().families.iter().find(|family| family.id == rule.family).unwrap();
    let slug: String = heading(family).to_lowercase().chars().filter(|c| c.is_alphanumeric() || *c == ' ').collect();
    format!("[{}](#{})", rule.id, slug.replace(' ', "-"))
}

fn heading(family: &Heading) -> String {
    format!("{}: {}", family.id, family.title.of(Language::Es))
}

fn section(page: &mut String, family: &Heading, proofs: &Proofs, report: &Value) {
    let _ = writeln!(
        page,
        "\n## {}\n\n| regla | qué pide | dónde está | prueba | resultado |\n|---|---|---|---|---|",
        heading(family)
    );
    for rule in catalogue().family(&family.id) {
        let title = rule.title.of(Language::Es).replace('|', "\\|").replace('[', "\\[");
        let told = told(status(report, &rule.id));
        let _ = writeln!(page, "| {} {} | {title} | {} | {told} |", rule.id, rule.level, proof(&proofs[&rule.id]));
    }
}

/// The cells of the places and of the test.
fn proof(proof: &Proof) -> String {
    let places: Vec<String> = proof.r#where.iter().map(|place| format!("[{}](../{place})", short(place))).collect();
    let (file, function) = proof.test.split_once("::").unwrap_or((&proof.test, &proof.test));
    format!("{} | [`{function}`](../{file})", places.join(", "))
}

/// The last two parts of a path.
fn short(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').collect();
    parts[parts.len().saturating_sub(2)..].join("/")
}

fn status<'a>(report: &'a Value, id: &str) -> &'a str {
    let rule = report["rules"].as_array().unwrap().iter().find(|rule| rule["id"] == id).unwrap();
    rule["status"].as_str().unwrap()
}

fn told(status: &str) -> &'static str {
    match status {
        "pass" => "✔ cumple",
        "review" => "○ la revisa una persona",
        "not-tested" => "· no se vio",
        "n/a" => "– no aplica",
        _ => "✘ no cumple",
    }
}
