//! `examples/nuevo` is what `standards-check new ms-productos` makes: it is compiled, tested and judged as any new service is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use standards_axum::conformance::command_line;

use crate::packages::{ROOT, write};

/// Every text beneath a folder, but for what an upgrade needs and the versions that cargo locked.
fn texts(folder: &Path) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for path in fs::read_dir(next).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            match name.as_str() {
                ".standards" | "Cargo.lock" | "target" => {}
                _ if path.is_dir() => folders.push(path),
                _ => drop(texts.insert(name, fs::read_to_string(path).unwrap())),
            }
        }
    }
    texts
}

#[tokio::test]
async fn the_service_in_the_repository_is_the_one_that_is_made_now() {
    let (directory, root) = (tempfile::tempdir().unwrap(), Path::new(ROOT).canonicalize().unwrap());
    let made = directory.path().join("nuevo");
    let arguments = ["standards-check", "new", "ms-productos", "--path", made.to_str().unwrap(), "--standards", ROOT];
    assert_eq!(command_line(arguments.map(Into::into)).await, ExitCode::SUCCESS);
    let here = |text: String| text.replace(root.to_str().unwrap(), "../..");
    let made: BTreeMap<_, _> = texts(&made).into_iter().map(|(path, text)| (path, here(text))).collect();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("nuevo");
    if std::env::var_os("ACCEPT").is_some() {
        made.iter().for_each(|(path, text)| write(&kept.join(path), text));
    }
    let kept = texts(&kept);
    let others: BTreeSet<_> = made.keys().chain(kept.keys()).filter(|path| made.get(*path) != kept.get(*path)).collect();
    assert!(others.is_empty(), "{others:?}: ACCEPT=1 cargo test -p examples --test examples nuevo:: writes them");
}

/// The README's way from the example's domain to the team's own leaves out no file that speaks of productos.
#[test]
fn its_readme_names_every_file_of_the_example_s_domain() {
    let template = texts(&Path::new(ROOT).join("standards-axum/template"));
    let readme = &template["README.md"];
    let (_, way) = readme.split_once("## From productos to a domain of yours\n").unwrap();
    let speaks = |(path, text): &(&String, &String)| format!("{path}{text}").to_lowercase().contains("producto");
    let unnamed: Vec<_> =
        template.iter().filter(speaks).map(|(path, _)| path).filter(|path| !way.contains(&format!("`{path}`"))).collect();
    assert!(unnamed.is_empty(), "{unnamed:?}");
}

#[test]
fn its_infrastructure_is_sixty_lines_at_most() {
    let of = |source: &str| source.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with("//")).count();
    let lines = of(include_str!("../../nuevo/src/main.rs")) + of(include_str!("../../nuevo/src/lib.rs"));
    assert!(lines <= 60, "{lines}");
}
