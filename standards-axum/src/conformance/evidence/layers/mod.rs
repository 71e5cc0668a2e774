//! ARQ-01: who imports whom, read from the sources of a service in Rust or in Python.
//!
//! A file is of the layer that its first folder below the root is named after, or the file itself. What it imports of the service must be of
//! its own layer or of one below, and nothing of what the profile denies it. Tests are left out: they may reach anywhere.

mod python;
mod rust;

use std::path::{Path, PathBuf};

use standards_core::rules::Bilingual;

use super::Said;
use crate::conformance::files::{read_text, unreadable};
use crate::conformance::profile::{Layers, Profile};
use crate::conformance::text::{both, clean};

/// How many files are read, how deep they may lie, and how large all of them may be.
const FILES: usize = 5_000;
const DEPTH: usize = 24;
const SOURCE_BYTES: usize = 16 << 20;

/// A source.
#[derive(Debug)]
struct Source {
    /// Where it stands, below the root.
    place: PathBuf,
    text: String,
}

/// What a source names, and in which line.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Import {
    /// A room of the service, or a package of others.
    name: String,
    is_own: bool,
    line: usize,
}

/// Judges the sources below a folder by the profile's layers.
pub(super) fn judged(folder: &str, profile: &Profile) -> Result<Said, Bilingual> {
    let Some(layers) = &profile.layers else {
        return Err(both("El perfil no nombra capas ([layers])", "The profile names no layers ([layers])"));
    };
    let sources = gathered(folder)?;
    let root = Path::new(folder).canonicalize().ok();
    let package = root.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if let Some(empty) =
        layers.order.iter().find(|name| !sources.iter().any(|source| layer_of(source, layers) == layers.at(name)))
    {
        return Err(unreadable(folder, &format!("[layers] {empty}: 0 *.rs, *.py")));
    }
    let wrong: Vec<String> = sources.iter().flat_map(|source| broken(source, layers, &package)).collect();
    let (files, rooms) = (sources.len(), layers.order.len());
    Ok(Said::new("ARQ-01", wrong, both(format!("{files} archivos, {rooms} capas"), format!("{files} files, {rooms} layers"))))
}

/// The imports of a source that go upwards, or are denied to it.
fn broken(source: &Source, layers: &Layers, package: &str) -> Vec<String> {
    let Some((at, layer)) = layer_of(source, layers).and_then(|at| Some((at, layers.order.get(at)?))) else { return Vec::new() };
    let none = Vec::new();
    let denied = layers.deny.get(layer).unwrap_or(&none);
    let goes_up = |import: &Import| import.is_own && layers.at(&import.name).is_some_and(|other| other > at);
    let is_denied = |import: &Import| !import.is_own && denied.contains(&import.name);
    let imports = match source.place.extension() {
        Some(extension) if extension == "py" => python::imports(source, package, &layers.order),
        _ => rust::imports(source, denied),
    };
    let wrong = imports.iter().filter(|import| goes_up(import) || is_denied(import));
    wrong.map(|import| format!("{}:{}: {layer} → {}", source.place.display(), import.line, import.name)).collect()
}

/// The number of its layer, if it is of one.
fn layer_of(source: &Source, layers: &Layers) -> Option<usize> {
    let first = source.place.components().next()?.as_os_str().to_string_lossy().into_owned();
    layers.at(first.split('.').next().unwrap_or_default())
}

/// All sources below a folder; links are not followed.
fn gathered(folder: &str) -> Result<Vec<Source>, Bilingual> {
    let (mut sources, mut folders, mut bytes) = (Vec::new(), vec![(PathBuf::from(folder), 0)], 0);
    while let Some((path, depth)) = folders.pop() {
        let entries = std::fs::read_dir(&path).map_err(|error| unreadable(&path.to_string_lossy(), &error.to_string()))?;
        for entry in entries.flatten() {
            let (name, kind) = (entry.file_name().to_string_lossy().into_owned(), entry.file_type());
            let is = |wanted: fn(&std::fs::FileType) -> bool| kind.as_ref().is_ok_and(wanted);
            if is(std::fs::FileType::is_dir) && depth < DEPTH && !is_passed_over(&name) {
                folders.push((entry.path(), depth + 1));
            } else if is(std::fs::FileType::is_file) && is_source(&name) {
                let source = read(folder, &entry.path())?;
                bytes += source.text.len();
                sources.push(source);
            }
            if sources.len() > FILES || bytes > SOURCE_BYTES {
                return Err(unreadable(folder, &format!("> {FILES} *.rs, *.py, > {SOURCE_BYTES} bytes")));
            }
        }
    }
    sources.sort_by(|one, other| one.place.cmp(&other.place));
    Ok(sources)
}

fn read(root: &str, path: &Path) -> Result<Source, Bilingual> {
    let text = read_text(&path.to_string_lossy(), SOURCE_BYTES)?;
    let place = path.strip_prefix(root).unwrap_or(path).to_path_buf();
    Ok(Source { place: PathBuf::from(clean(&place.to_string_lossy())), text })
}

fn is_passed_over(folder: &str) -> bool {
    folder.starts_with('.') || matches!(folder, "tests" | "target" | "node_modules" | "__pycache__" | "venv")
}

fn is_source(name: &str) -> bool {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let is_test = stem == "tests" || stem == "conftest" || stem.starts_with("test_") || stem.ends_with("_test");
    matches!(extension, "rs" | "py") && !is_test
}

/// The line in which a place of a text stands.
fn line_of(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or_default().matches('\n').count() + 1
}

/// The same length of spaces, its lines kept.
fn blank(found: &regex_lite::Captures<'_>) -> String {
    let text = found.get(0).map_or("", |found| found.as_str());
    text.chars().flat_map(|c| std::iter::repeat_n(if c == '\n' { '\n' } else { ' ' }, c.len_utf8())).collect()
}
