//! What a Python source names of its own package and of others.

use std::sync::LazyLock;

use regex_lite::Regex;

use super::{Import, Source, blank, line_of};

static NOISE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("(?s)\"\"\".*?\"\"\"|'''.*?'''|#[^\n]*").ok());
static FROM: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?m)^[ \t]*from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]*(\([^)]*\)|[^\n]*)").ok());
static IMPORT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?m)^[ \t]*import[ \t]+([^\n]+)").ok());

/// All imports. `package` is what the root is called, and `rooms` what stands in it.
pub(super) fn imports(source: &Source, package: &str, rooms: &[String]) -> Vec<Import> {
    let code = NOISE.as_ref().map_or_else(|| source.text.clone(), |noise| noise.replace_all(&source.text, blank).into_owned());
    let mut imports = Vec::new();
    for found in FROM.iter().flat_map(|from| from.captures_iter(&code)) {
        let part = |at| found.get(at).map_or("", |part| part.as_str());
        let line = line_of(&code, found.get(0).map_or(0, |whole| whole.start()));
        let paths = paths(part(1), part(2), part(3), source);
        imports.extend(paths.iter().filter_map(|path| import(path, part(1).is_empty(), package, rooms, line)));
    }
    for found in IMPORT.iter().flat_map(|import| import.captures_iter(&code)) {
        let line = line_of(&code, found.get(0).map_or(0, |whole| whole.start()));
        let names = found.get(1).map_or("", |names| names.as_str()).split(',');
        imports.extend(names.filter_map(|name| import(name.split_whitespace().next()?, true, package, rooms, line)));
    }
    imports
}

/// The paths of `from ..a import b, c`: from the root where dots lead there, else as they are written.
fn paths(dots: &str, module: &str, names: &str, source: &Source) -> Vec<String> {
    let names = || names.trim_matches(['(', ')']).split(',').filter_map(|name| name.split_whitespace().next());
    if dots.is_empty() {
        return names().map(|name| format!("{module}.{name}")).collect();
    }
    let folders: Vec<String> =
        source.place.parent().into_iter().flatten().map(|part| part.to_string_lossy().into_owned()).collect();
    let base = folders.get(..(folders.len() + 1).saturating_sub(dots.len())).unwrap_or_default().join(".");
    let joined = |parts: &[&str]| parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(".");
    names().map(|name| joined(&[&base, module, name])).collect()
}

/// What a path names: a room of the package, or somebody else's.
fn import(path: &str, is_absolute: bool, package: &str, rooms: &[String], line: usize) -> Option<Import> {
    let mut parts = path.split('.');
    let first = parts.next().filter(|first| !first.is_empty())?;
    let is_room = |name: &str| rooms.iter().any(|room| room == name);
    let (name, is_own) = match (is_absolute, first == package) {
        (true, true) => (parts.next()?, true),
        (true, false) => (first, is_room(first)),
        (false, _) => (first, true),
    };
    Some(Import { name: name.to_owned(), is_own, line })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(place: &str, text: &str) -> Vec<(String, bool, usize)> {
        let source = Source { place: place.into(), text: text.to_owned() };
        let rooms = ["api", "services"].map(str::to_owned);
        imports(&source, "app", &rooms).into_iter().map(|import| (import.name, import.is_own, import.line)).collect()
    }

    #[test]
    fn imports_are_read_in_all_their_forms() {
        for (text, name, is_own) in [
            ("from app.services.pagos import crear", "services", true),
            ("from app import services", "services", true),
            ("import app.services.pagos as p", "services", true),
            ("from services import x", "services", true),
            ("from ..services import (\n    x,\n)", "services", true),
            ("    from .. import services", "services", true),
            ("from sqlalchemy.orm import Session", "sqlalchemy", false),
            ("import sqlalchemy", "sqlalchemy", false),
        ] {
            assert_eq!(names("api/pagos.py", text)[0], (name.to_owned(), is_own, 1), "{text}");
        }
        assert_eq!(names("api/pagos.py", "x = 1\nimport os, app.api.x").len(), 2);
    }

    #[test]
    fn a_neighbour_is_of_the_same_room_and_texts_import_nothing() {
        assert_eq!(
            names("api/v1/pagos.py", "from . import x\nfrom .y import z"),
            [("api".into(), true, 1), ("api".into(), true, 2)]
        );
        assert_eq!(names("api/pagos.py", "\"\"\"\nfrom app.services import x\n\"\"\"\n# import app.services"), []);
        for text in ["from", "from . import", "from ....... import x", "import", "import ,", "from app import ("] {
            let _ = names("api/pagos.py", text);
        }
    }
}
