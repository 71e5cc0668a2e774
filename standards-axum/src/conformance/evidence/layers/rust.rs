//! What a Rust source names of its own crate (`crate::`, `super::`) and of others.

use std::sync::LazyLock;

use regex_lite::Regex;

use super::{Import, Source, blank, line_of};

/// Comments and literals. A lifetime is no literal, and a block comment within another ends with the first.
static NOISE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let literals = r###"b?r"[^"]*"|b?r#".*?"#|b?r##".*?"##|b?"(?:\\.|[^"\\])*"|b?'(?:\\[^'\n]{1,12}|\\'|[^\\'\n])'"###;
    Regex::new(&format!(r"(?s)//[^\n]*|/\*.*?\*/|{literals}")).ok()
});
static CRATE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\bcrate\s*::\s*(\{|[A-Za-z_]\w*)").ok());
static SUPER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\bsuper(\s*::\s*super)*\s*::\s*(\{|[A-Za-z_]\w*)").ok());

/// All imports; of other crates those that are denied, since no others matter.
pub(super) fn imports(source: &Source, denied: &[String]) -> Vec<Import> {
    let code = without_tests(&code_of(&source.text));
    let mut imports = own(&code, CRATE.as_ref(), |_| true);
    let depth = depth(source);
    imports.extend(own(&code, SUPER.as_ref(), |found| found.matches("super").count() == depth));
    imports.extend(denied.iter().filter_map(|name| foreign(&code, name)));
    imports
}

/// How many `super` lead to the crate's root.
fn depth(source: &Source) -> usize {
    let last = source.place.file_stem().is_some_and(|stem| stem == "mod");
    source.place.components().count() - usize::from(last)
}

fn code_of(text: &str) -> String {
    NOISE.as_ref().map_or_else(|| text.to_owned(), |noise| noise.replace_all(text, blank).into_owned())
}

/// The code without what stands behind `#[cfg(test)]`, its lines kept: an item up to its `;` or its closing brace.
fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let (mut kept, mut rest) = (String::with_capacity(code.len()), code);
    while let Some((before, after)) = rest.split_once(MARK) {
        let (item, left) = after.split_at_checked(end_of_item(after)).unwrap_or((after, ""));
        kept.push_str(before);
        kept.extend(MARK.chars().chain(item.chars()).map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = left;
    }
    kept.push_str(rest);
    kept
}

fn end_of_item(after: &str) -> usize {
    let mut depth = 0_usize;
    let end = after.char_indices().find_map(|(at, c)| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        ((c == ';' || c == '}') && depth == 0).then_some(at + 1)
    });
    end.unwrap_or(after.len())
}

/// The rooms that stand behind a path to the root, alone or in a group.
fn own(code: &str, path: Option<&Regex>, wanted: impl Fn(&str) -> bool) -> Vec<Import> {
    let mut imports = Vec::new();
    for found in path.into_iter().flat_map(|path| path.captures_iter(code)) {
        let (Some(whole), Some(last)) = (found.get(0), found.get(found.len() - 1)) else { continue };
        if !wanted(whole.as_str()) {
            continue;
        }
        let line = line_of(code, whole.start());
        let named = |name: &str| Import { name: name.to_owned(), is_own: true, line };
        match last.as_str() {
            "{" => imports.extend(group(code.get(last.end()..).unwrap_or_default()).into_iter().map(named)),
            name => imports.push(named(name)),
        }
    }
    imports
}

/// The first names of the parts of `a::{b}, c}`.
fn group(rest: &str) -> Vec<&str> {
    let (mut names, mut depth, mut from) = (Vec::new(), 0_usize, 0);
    for (at, c) in rest.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                names.push(first_name(rest.get(from..at).unwrap_or_default()));
                from = at + 1;
            }
            _ => {}
        }
        if c == '}' && depth == 0 && from == at + 1 {
            break;
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

fn first_name(part: &str) -> &str {
    let part = part.trim_start();
    part.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()
}

/// A crate that is named as the first of a path, or by a plain `use`.
fn foreign(code: &str, name: &str) -> Option<Import> {
    let named = Regex::new(&format!(r"(?:^|[^:\w.])(?:{name}\s*::|use\s+{name}\b|extern\s+crate\s+{name}\b)")).ok()?;
    let found = named.find(code)?;
    Some(Import { name: name.to_owned(), is_own: false, line: line_of(code, found.start()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(place: &str, text: &str, denied: &[&str]) -> Vec<(String, usize)> {
        let source = Source { place: place.into(), text: text.to_owned() };
        let denied: Vec<String> = denied.iter().map(|name| (*name).to_owned()).collect();
        imports(&source, &denied).into_iter().map(|import| (import.name, import.line)).collect()
    }

    fn one(name: &str, line: usize) -> (String, usize) {
        (name.to_owned(), line)
    }

    #[test]
    fn paths_to_the_root_are_imports_wherever_they_stand() {
        let text = "use crate::api;\nuse crate::{models::{a, b}, services::x,};\nfn f() { crate :: database::open() }";
        let wanted = [one("api", 1), one("models", 2), one("services", 2), one("database", 3)];
        assert_eq!(names("a/b.rs", text, &[]), wanted);
    }

    #[test]
    fn super_leads_to_the_root_from_where_the_file_stands() {
        assert_eq!(names("api/pagos.rs", "use super::super::services::x;\nuse super::y;", &[]), [one("services", 1)]);
        assert_eq!(names("api/mod.rs", "use super::services;", &[]), [one("services", 1)]);
        assert_eq!(names("api.rs", "use super::{a, b};", &[]), [one("a", 1), one("b", 1)]);
    }

    #[test]
    fn comments_literals_and_tests_import_nothing() {
        let text = "// crate::a\n/* crate::b\n */ const X: &str = \"crate::c\"; const Y: &str = r#\"crate::d \" \"#; fn f<'a>(c: char) { '\"'; '\\''; }\n\
                    #[cfg(test)]\nmod tests;\nuse crate::real;\n#[cfg(test)]\nmod more { use crate::e; }\nuse crate::also;";
        assert_eq!(names("a.rs", text, &[]), [one("real", 6), one("also", 9)]);
    }

    #[test]
    fn crates_of_others_are_told_where_they_are_denied() {
        for text in ["use sqlx::query;", "fn f() { sqlx::query(\"\") }", "use sqlx as db;", "extern crate sqlx;"] {
            assert_eq!(names("a.rs", text, &["sqlx"]).len(), 1, "{text}");
        }
        for text in ["use my::sqlx::x;", "let not_sqlx = 1;", "// sqlx::x", "value.sqlx::<u8>()"] {
            assert_eq!(names("a.rs", text, &["sqlx"]), [], "{text}");
        }
    }

    #[test]
    fn what_is_no_rust_is_read_to_its_end() {
        for text in [
            "use crate::{",
            "use crate::{a, {{{{",
            "crate::",
            "#[cfg(test)]",
            "#[cfg(test)] mod x {",
            "\"",
            "'",
            "/*",
            "r#\"",
            "super::super::",
        ] {
            let _ = names("a/b.rs", text, &["sqlx"]);
        }
    }
}
