//! One page that opens from disk: the checklist first, then every rule with its evidence folded.

use std::fmt::Write as _;

use standards_core::Language;
use standards_core::rules::{Bilingual, Heading, catalogue};

use super::Report;
use super::terminal::{sign, verdict_line};
use crate::conformance::model::{Evidence, Judged, Status};
use crate::conformance::text::escape;
use crate::conformance::verdict::{Verdict, checklist};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

pub(super) fn html(report: &Report) -> String {
    let (language, verdict) = (report.language.tag(), report.verdict.as_str());
    let title = escape(report.name.as_deref().or(report.target.as_deref()).unwrap_or("log"));
    let mut page = format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n\
         <title>{verdict}: {title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n"
    );
    head(&mut page, report, &title);
    page.push_str("<main>\n");
    boxes(&mut page, report);
    filters(&mut page);
    catalogue().families.iter().for_each(|family| section(&mut page, report, family));
    let _ = write!(page, "</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n");
    page
}

fn section(page: &mut String, report: &Report, family: &Heading) {
    let (id, title) = (&family.id, said(&family.title));
    let _ = write!(page, "<section class=\"family\" data-family=\"{id}\">\n<h2>{id} {title}</h2>\n");
    report.family(id).for_each(|one| rule(page, one));
    page.push_str("</section>\n");
}

/// A sentence in both languages, of which one is shown.
fn said(text: &Bilingual) -> String {
    format!("<span lang=\"es\">{}</span><span lang=\"en\">{}</span>", escape(&text.es), escape(&text.en))
}

fn both(es: &str, en: &str) -> String {
    said(&Bilingual { es: es.to_owned(), en: en.to_owned() })
}

fn head(page: &mut String, report: &Report, title: &str) {
    let class = match report.verdict {
        Verdict::Conforming | Verdict::WithWaivers => "pass",
        Verdict::Incomplete => "open",
        Verdict::NotConforming => "fail",
    };
    let other = if report.language == Language::Es { "en" } else { "es" };
    let line = escape(&verdict_line(report));
    let (started, requests) = (escape(&report.started), report.requests);
    let asked = both("solicitudes", "requests");
    let _ = write!(
        page,
        "<header>\n<button type=\"button\" id=\"language\" data-other=\"{other}\">ES / EN</button>\n<h1>{title}</h1>\n\
         <p class=\"verdict {class}\">{line}</p>\n<p class=\"quiet\">{started} · {requests} {asked}</p>\n</header>\n"
    );
}

fn boxes(page: &mut String, report: &Report) {
    let _ = write!(page, "<section>\n<h2>{}</h2>\n<ul class=\"boxes\">\n", both("Checklist de Implementación", "Checklist"));
    for ticked in checklist(&report.judged) {
        let (id, status, mark) = (&ticked.heading.id, ticked.status.as_str(), sign(ticked.status));
        let rules = ticked.rules.iter().map(|rule| format!("<a href=\"#{rule}\">{rule}</a>")).collect::<Vec<_>>().join(" ");
        let title = said(&ticked.heading.title);
        let word = said(&ticked.status.told());
        let _ = writeln!(
            page,
            "<li class=\"s-{}\"><b aria-hidden=\"true\">{mark}</b> <strong>{id}</strong> {title} <em>{word}</em> <small>{rules}</small></li>",
            status.replace('/', "")
        );
    }
    page.push_str("</ul>\n</section>\n");
}

fn filters(page: &mut String) {
    page.push_str("<form class=\"filters\" id=\"filters\">\n");
    let levels: [(&str, String); 4] =
        [("", both("todos", "all")), ("MUST", "MUST".into()), ("SHOULD", "SHOULD".into()), ("EXT", "EXT".into())];
    fieldset(page, "level", &both("Nivel", "Level"), &levels);
    let statuses: [(&str, String); 5] = [
        ("", both("todos", "all")),
        ("broken", both("no cumple", "broken")),
        ("pass", both("cumple", "pass")),
        ("open", both("sin probar", "not tested")),
        ("other", both("otros", "others")),
    ];
    fieldset(page, "status", &both("Estado", "Status"), &statuses);
    page.push_str("<p id=\"shown\" role=\"status\"></p>\n</form>\n");
}

fn fieldset(page: &mut String, name: &str, legend: &str, choices: &[(&str, String)]) {
    let _ = writeln!(page, "<fieldset><legend>{legend}</legend>");
    for (value, label) in choices {
        let checked = if value.is_empty() { " checked" } else { "" };
        let _ = writeln!(page, "<label><input type=\"radio\" name=\"{name}\" value=\"{value}\"{checked}> {label}</label>");
    }
    page.push_str("</fieldset>\n");
}

fn rule(page: &mut String, one: &Judged) {
    let (id, level, status) = (&one.rule.id, one.rule.level, one.status);
    let group = match status {
        status if status.is_broken() => "broken",
        Status::Pass => "pass",
        status if status.is_open() => "open",
        _ => "other",
    };
    let _ = write!(
        page,
        "<details class=\"rule s-{}\" id=\"{id}\" data-level=\"{level}\" data-status=\"{group}\">\n<summary><b aria-hidden=\"true\">{}</b> <strong>{id}</strong> <i>{level}</i> {} <em>{}</em></summary>\n",
        status.as_str().replace('/', ""),
        sign(status),
        said(&one.rule.title),
        said(&status.told())
    );
    told(page, one);
    page.push_str("</details>\n");
}

fn told(page: &mut String, one: &Judged) {
    if !one.reason.es.is_empty() {
        let _ = writeln!(page, "<p>{}</p>", said(&one.reason));
    }
    if let Some(quote) = &one.rule.quote {
        let _ = writeln!(page, "<blockquote lang=\"es-CL\">{}</blockquote>", escape(quote));
    }
    let _ = writeln!(page, "<p>{} {}</p>", said(&one.rule.why), said(&one.rule.check));
    one.evidence.iter().for_each(|piece| evidence(page, piece));
    let _ = writeln!(
        page,
        "<p class=\"quiet\">Python: <code>{}</code><br>Rust: <code>{}</code></p>",
        escape(&one.rule.fix_python),
        escape(&one.rule.fix_rust)
    );
}

fn evidence(page: &mut String, piece: &Evidence) {
    let _ = write!(
        page,
        "<dl>\n<dt>{}</dt><dd>{}</dd>\n<dt>{}</dt><dd><code>{}</code></dd>\n",
        both("Esperado", "Expected"),
        said(&piece.expected),
        both("Obtenido", "Obtained"),
        escape(&piece.obtained)
    );
    if let Some(request) = &piece.request {
        let _ = writeln!(page, "<dt>{}</dt><dd><code>{}</code></dd>", both("Petición", "Request"), escape(request));
    }
    page.push_str("</dl>\n");
}
