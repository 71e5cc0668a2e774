//! The links of Markdown pages, and the places that they lead to.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What is looked at of a page.
pub(super) struct Page {
    pub(super) links: Vec<String>,
    /// The anchors of its headings.
    anchors: Vec<String>,
}

/// Folders that hold what is built or fetched, or what is not in its place yet.
const PASSED_OVER: [&str; 5] = ["target", "book", "node_modules", "corpus", "template"];

pub(super) fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
}

/// Every page beneath a folder.
pub(super) fn pages(folder: &Path) -> BTreeMap<PathBuf, Page> {
    let mut pages = BTreeMap::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && !name.starts_with('.') && !PASSED_OVER.contains(&name) {
            pages.extend(self::pages(&path));
        } else if is_page(&path) {
            pages.insert(path.clone(), read(&fs::read_to_string(&path).unwrap()));
        }
    }
    pages
}

fn read(text: &str) -> Page {
    let (mut links, mut anchors, mut in_fence) = (Vec::new(), Vec::new(), false);
    for line in text.lines() {
        in_fence ^= line.trim_start().starts_with("```");
        if in_fence {
            continue;
        }
        if let Some(heading) = line.strip_prefix('#') {
            anchors.push(anchor(heading.trim_start_matches('#').trim(), &anchors));
        }
        links.extend(links_of(&without_code(line)));
    }
    Page { links, anchors }
}

/// What stands in backquotes is no link; a link may have a text in backquotes.
fn without_code(line: &str) -> String {
    line.split('`').enumerate().map(|(at, part)| if at % 2 == 0 { part } else { "" }).collect()
}

fn links_of(line: &str) -> Vec<String> {
    let targets = line.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    targets.map(|(target, _)| target.trim_matches(['<', '>']).to_owned()).collect()
}

/// As GitHub and mdBook make it of a heading.
fn anchor(heading: &str, before: &[String]) -> String {
    let kept = heading.to_lowercase().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_')).collect::<String>();
    let plain = kept.replace(' ', "-");
    let numbered = (1..).map(|number| format!("{plain}-{number}"));
    std::iter::once(plain.clone()).chain(numbered).find(|anchor| !before.contains(anchor)).unwrap()
}

/// Whether a link of a page leads to a file that is there, and to a heading of it.
pub(super) fn leads(from: &Path, page: &Page, link: &str) -> bool {
    let (path, place) = link.split_once('#').map_or((link, None), |(path, place)| (path, Some(place)));
    let target = from.parent().unwrap().join(path);
    match (path.contains("://"), path.is_empty(), place) {
        (true, ..) => true,
        (_, true, Some(place)) => has(page, place),
        (_, _, Some(place)) if is_page(&target) => fs::read_to_string(target).is_ok_and(|text| has(&read(&text), place)),
        _ => target.exists(),
    }
}

fn has(page: &Page, place: &str) -> bool {
    page.anchors.iter().any(|anchor| anchor == place)
}
