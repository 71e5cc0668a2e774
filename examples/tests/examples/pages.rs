//! The pages as a whole: each link of each page leads somewhere, each page of `docs` stands in its table of contents, and `llms.txt` is made of it.

mod blocks;
mod commands;
#[path = "../../../standards-axum/tests/support/pages.rs"]
mod kept;
mod links;
mod log_record;

use std::fs;
use std::path::Path;

use self::kept::{assert_page, root};
use self::links::{Page, is_page};
use crate::guides::fences_of;

/// A line of `docs/SUMMARY.md`.
enum Line<'a> {
    Part(&'a str),
    Chapter { title: &'a str, page: &'a str, about: &'a str },
}

fn lines(summary: &str) -> Vec<Line<'_>> {
    summary.lines().filter_map(line).collect()
}

fn line(line: &str) -> Option<Line<'_>> {
    if let Some(title) = line.strip_prefix("# ") {
        return Some(Line::Part(title));
    }
    let (title, rest) = line.strip_prefix("- [")?.split_once("](")?;
    let (page, about) = rest.split_once("): ").expect("what a page is about stands behind its link");
    Some(Line::Chapter { title, page, about })
}

fn summary() -> String {
    fs::read_to_string(root().join("docs/SUMMARY.md")).unwrap()
}

const BEGINNING: &str = "# The standard

> The technical guideline of an organisation, as Rust that enforces itself: an envelope for every answer, a catalogue of errors, a log of JSON records for the Elastic stack, a correlation id everywhere. `standards-core` is the vocabulary, `standards-axum` the transport, `reference-pago-service` a whole service, `examples` one idea per file.

A new service is written with `use standards_axum::prelude::*`: handlers return `ApiResult<T>` and end with `ok(data)`; errors are rows of `error_catalogue!` and returned with `?`, never logged by hand; tasks are started by `context::spawn`, never by `tokio::spawn`; the log is written by `info!(field, \"Sentence\")`. `standards-check` judges the result.
";

/// `llms.txt`, by <https://llmstxt.org>.
fn llms() -> String {
    let mut text = BEGINNING.to_owned();
    for line in lines(&summary()).into_iter().skip(1) {
        text += &match line {
            Line::Part(title) => format!("\n## {title}\n\n"),
            Line::Chapter { title, page, about } => format!("- [{title}](docs/{page}): {about}\n"),
        };
    }
    text + "\n## Optional\n\n- [README](README.md): what the repository is, and two commands to try it.\n\
        - [Architecture](ARCHITECTURE.md): the map of the code and where to start reading it.\n\
        - [Contributing](CONTRIBUTING.md): how the house is built, and the commands of every day.\n\
        - [Changelog](CHANGELOG.md): what a user of the crates notices.\n"
}

#[test]
fn llms_txt_is_made_of_the_table_of_contents() {
    assert_page("llms.txt", &llms());
}

#[test]
fn the_page_of_the_log_record_is_made_of_its_schema() {
    assert_page("docs/log-record.md", &log_record::page());
}

#[test]
fn every_page_stands_in_the_table_of_contents() {
    let summary = summary();
    let docs = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path()).filter(|path| is_page(path));
    let names = docs.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned());
    let missing: Vec<String> = names.filter(|name| name != "SUMMARY.md" && !summary.contains(&format!("]({name})"))).collect();
    assert!(missing.is_empty(), "docs/SUMMARY.md does not name {missing:?}");
}

#[test]
fn every_command_of_the_checker_that_a_page_shows_is_one() {
    let known = fs::read_to_string(root().join("docs/standards-check-cli.md")).unwrap();
    for path in links::pages(&root()).into_keys() {
        let unknown = commands::unknown(&fs::read_to_string(&path).unwrap(), &known);
        assert!(unknown.is_empty(), "{}: {unknown:#?}", path.display());
    }
}

#[test]
fn every_block_that_no_compiler_reads_is_what_it_is_said_to_be() {
    let mut wrong = Vec::new();
    for path in links::pages(&root()).into_keys() {
        for (language, line, block) in fences_of(&fs::read_to_string(&path).unwrap()) {
            let problem = blocks::problem(&root(), &language, &block);
            wrong.extend(problem.map(|problem| format!("{}:{line}: {problem}", path.display())));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_link_leads_somewhere() {
    let pages = links::pages(&root());
    assert!(pages.len() > 25, "{}", pages.len());
    let broken: Vec<String> = pages.iter().flat_map(|(path, page)| broken(path, page)).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

fn broken(path: &Path, page: &Page) -> Vec<String> {
    let name = path.strip_prefix(root()).unwrap().display().to_string();
    let broken = page.links.iter().filter(|link| !links::leads(path, page, link));
    broken.map(|link| format!("{name}: {link}")).collect()
}

/// The rows of the table of what was measured: the figures and the page that tells them.
fn measured(why: &str) -> Vec<(String, String)> {
    let (_, section) = why.split_once("| measured |").unwrap();
    let rows = section.lines().skip(2).take_while(|line| line.starts_with('|'));
    let cells = rows.map(|row| row.trim_matches('|').split('|').map(str::trim).map(str::to_owned).collect::<Vec<_>>());
    let page = |cell: &str| cell.split_once("](").unwrap().1.trim_end_matches(')').to_owned();
    cells.map(|cells| (cells[1].clone(), page(&cells[2]))).collect()
}

#[test]
fn every_figure_of_why_stands_on_the_page_that_it_names() {
    let measured = measured(&fs::read_to_string(root().join("docs/why.md")).unwrap());
    assert!(measured.len() > 8);
    for (figures, page) in measured {
        let text = fs::read_to_string(root().join("docs").join(&page)).unwrap();
        let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c == '|').collect();
        for figure in figures.split(" and ") {
            assert!(words.contains(&figure), "{figure} is not on {page}");
        }
    }
}
