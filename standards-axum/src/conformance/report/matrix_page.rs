//! Several runs side by side, as a page that opens from disk.

use std::fmt::Write as _;

use standards_core::Language;
use standards_core::rules::catalogue;

use super::compare::Earlier;
use crate::conformance::model::Status;
use crate::conformance::text::escape;

const STYLE: &str = include_str!("page.css");
const TABLE: &str = ".wide { overflow-x: auto; } table { border-collapse: collapse; } th, td { padding: .25rem .6rem; border: 1px solid var(--line); text-align: left; vertical-align: top; } \
                     thead th { background: var(--soft); } .differs th { border-left: .3rem solid var(--warn); }\n";
/// A table, a row for each rule and a column for each run; rows whose runs differ carry a mark.
pub(in crate::conformance) fn matrix_page(runs: &[Earlier], language: Language) -> String {
    let tag = language.tag();
    let [title, rule] = match language {
        Language::Es => ["Comparación de informes", "Regla"],
        Language::En => ["Reports compared", "Rule"],
    };
    let names: String =
        runs.iter().map(|run| format!("<th scope=\"col\">{}<br>{}</th>", escape(run.name()), escape(run.verdict()))).collect();
    let mut page = format!(
        "<!doctype html>\n<html lang=\"{tag}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>standards-check: {title}</title>\n<style>\n{STYLE}{TABLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n\
         <div class=\"wide\" role=\"region\" aria-label=\"{title}\" tabindex=\"0\">\n<table>\n<thead><tr><th scope=\"col\">{rule}</th>{names}</tr></thead>\n<tbody>\n"
    );
    rows(&mut page, runs, language);
    page.push_str("</tbody>\n</table>\n</div>\n</main>\n</body>\n</html>\n");
    page
}

fn rows(page: &mut String, runs: &[Earlier], language: Language) {
    for rule in &catalogue().rules {
        let statuses: Vec<&str> = runs.iter().map(|run| run.status(&rule.id)).collect();
        let differ = statuses.windows(2).any(|pair| pair.first() != pair.last());
        let (class, mark) = if differ { (" class=\"differs\"", " ≠") } else { ("", "") };
        let (id, level, title) = (&rule.id, rule.level, escape(rule.title.of(language)));
        let _ = write!(page, "<tr{class}><th scope=\"row\">{id} {level}{mark}<br><small>{title}</small></th>");
        statuses.iter().for_each(|status| cell(page, status, language));
        page.push_str("</tr>\n");
    }
}

/// A status in a person's words; what is none as it stands.
fn cell(page: &mut String, status: &str, language: Language) {
    let (class, told) = match Status::parse(status) {
        Some(known) => (format!(" class=\"s-{}\"", status.replace('/', "")), known.told().of(language).to_owned()),
        None => (String::new(), status.to_owned()),
    };
    let _ = write!(page, "<td{class}><b>{}</b></td>", escape(&told));
}
