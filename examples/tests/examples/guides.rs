//! Every snippet of the guides compiles with exactly the dependencies that its page lists above it.
//!
//! Each different list of dependencies becomes a package whose examples are the snippets below it, and is checked by itself, so that no feature
//! comes from another. What has been built for the tests serves here too.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::packages::{ROOT, check, located, manifest, write};

/// A fenced block of a page.
struct Fence {
    language: String,
    line: usize,
    text: String,
}

/// Every page that a user reads.
fn pages() -> Vec<PathBuf> {
    let docs = fs::read_dir(Path::new(ROOT).join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<_> = docs.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect();
    pages.extend(["README.md", "standards-core/README.md", "standards-axum/README.md"].map(|page| Path::new(ROOT).join(page)));
    pages.sort();
    pages
}

fn fences(page: &str) -> Vec<Fence> {
    let (mut fences, mut open) = (Vec::new(), None::<Fence>);
    for (at, line) in page.lines().enumerate() {
        match (line.trim_start().strip_prefix("```"), open.take()) {
            (Some(_), Some(fence)) => fences.push(fence),
            (Some(language), None) => open = Some(Fence { language: language.to_owned(), line: at + 1, text: String::new() }),
            (None, Some(mut fence)) => {
                fence.text += &format!("{line}\n");
                open = Some(fence);
            }
            (None, None) => {}
        }
    }
    fences
}

/// The fenced blocks of a page: language, line and text of each.
pub(crate) fn fences_of(page: &str) -> impl Iterator<Item = (String, usize, String)> {
    fences(page).into_iter().map(|fence| (fence.language, fence.line, fence.text))
}

/// The snippets of all pages, by the list of dependencies above them; each with a name that tells where it stands.
fn snippets() -> BTreeMap<String, Vec<(String, String)>> {
    let mut snippets = BTreeMap::<_, Vec<_>>::new();
    for path in pages() {
        let (page, mut listed) = (fs::read_to_string(&path).unwrap(), None);
        let name = path.strip_prefix(ROOT).unwrap().with_extension("").display().to_string();
        for Fence { language, line, text } in fences(&page) {
            match language.split(',').collect::<Vec<_>>()[..] {
                ["toml"] if text.contains("[dependencies]") => listed = Some(located(&text)),
                ["rust", ref rest @ ..] if !rest.contains(&"ignore") => {
                    assert!(listed.is_some(), "{name}.md:{line}: no [dependencies] above it");
                    let listed = listed.clone().unwrap_or_default();
                    let name = name.to_lowercase().replace(['/', '-'], "_");
                    snippets.entry(listed).or_default().push((format!("{name}_{line}"), text));
                }
                _ => {}
            }
        }
    }
    snippets
}

/// As rustdoc makes a program of a snippet.
fn program(snippet: &str) -> String {
    let hidden =
        |line: &str| line.strip_prefix("# ").or_else(|| line.strip_prefix('#').filter(|rest| rest.is_empty())).map(str::to_owned);
    let code: Vec<_> = snippet.lines().map(|line| hidden(line).unwrap_or_else(|| line.to_owned())).collect();
    let code = code.join("\n");
    if code.contains("fn main()") {
        format!("#![allow(unused)]\n{code}\n")
    } else if code.trim_end().ends_with("(())") {
        format!("#![allow(unused)]\nfn main() {{ let _ = || {{\n{code}\n}}; }}\n")
    } else {
        format!("#![allow(unused)]\nfn main() {{\n{code}\n}}\n")
    }
}

fn make_package(name: &str, listed: &str, snippets: &[(String, String)]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guides").join(name);
    let examples = folder.join("examples");
    let is_stale = |file: &Path| !snippets.iter().any(|(name, _)| file.file_stem().is_some_and(|stem| stem == name.as_str()));
    for entry in fs::read_dir(&examples).into_iter().flatten().map(|entry| entry.unwrap().path()).filter(|path| is_stale(path)) {
        fs::remove_file(entry).unwrap();
    }
    write(&folder.join("Cargo.toml"), &manifest(name, listed));
    write(&folder.join("lib.rs"), "");
    for (name, snippet) in snippets {
        write(&examples.join(format!("{name}.rs")), &program(snippet));
    }
    folder
}

#[test]
fn every_snippet_compiles_with_the_dependencies_that_its_page_lists() {
    let mut problems = Vec::new();
    for (number, (listed, snippets)) in snippets().into_iter().enumerate() {
        let folder = make_package(&format!("guide-{number}"), &listed, &snippets);
        let output = check(&folder, &["--quiet", "--examples"]);
        if !output.status.success() {
            problems.push(format!("{listed}\n{}", String::from_utf8_lossy(&output.stderr)));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_page_with_snippets_is_run_as_a_doctest() {
    let sources = ["examples/guides.rs", "standards-core/src/lib.rs", "standards-axum/src/lib.rs"];
    let sources = sources.map(|path| fs::read_to_string(Path::new(ROOT).join(path)).unwrap()).concat();
    for path in pages() {
        let page = path.strip_prefix(ROOT).unwrap().display().to_string();
        let is_snippet = |fence: &Fence| fence.language.starts_with("rust") && !fence.language.contains("ignore");
        let has_snippets = fences(&fs::read_to_string(&path).unwrap()).iter().any(is_snippet);
        let included = page
            .strip_prefix("standards-")
            .map_or(format!("include_str!(\"../{page}\")"), |_| "include_str!(\"../README.md\")".to_owned());
        assert!(!has_snippets || sources.contains(&included), "{page}");
    }
}

#[test]
fn a_snippet_that_serves_is_not_run() {
    for path in pages() {
        for fence in fences(&fs::read_to_string(&path).unwrap()) {
            let serves = fence.language.starts_with("rust") && fence.text.contains("fn main() -> Exit");
            assert!(!serves || fence.language.contains("no_run"), "{}:{}", path.display(), fence.line);
        }
    }
}
