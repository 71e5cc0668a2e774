//! A text that matches a pattern: the value by which the field of a broken `pattern` is found.
//!
//! A pattern is a team's own and was compiled by `regex`, which reads it by the same parser: nothing here has to be refused or hurried.

use regex_syntax::hir::{Class, ClassUnicodeRange, Hir, HirKind};

/// As long may it be.
const MAX_LENGTH: usize = 10_000;

/// The shortest text by the grammar of `pattern`. One that looks around itself (`\b`) may not match it.
pub(super) fn matching(pattern: &str) -> Option<String> {
    let mut text = String::new();
    write(&regex_syntax::parse(pattern).ok()?, &mut text).then_some(text)
}

fn write(hir: &Hir, text: &mut String) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => str::from_utf8(&literal.0).is_ok_and(|literal| {
            text.push_str(literal);
            true
        }),
        HirKind::Class(class) => one_of(class).is_some_and(|c| {
            text.push(c);
            true
        }),
        HirKind::Repetition(repeated) => (0..repeated.min).all(|_| text.len() < MAX_LENGTH && write(&repeated.sub, text)),
        HirKind::Capture(group) => write(&group.sub, text),
        HirKind::Concat(parts) => parts.iter().all(|part| write(part, text)),
        HirKind::Alternation(parts) => parts.first().is_some_and(|part| write(part, text)),
    }
}

/// A character of the class: a plain one, where it has one.
fn one_of(class: &Class) -> Option<char> {
    let Class::Unicode(class) = class else { return None };
    let has = |c: &char| class.iter().any(|range| (range.start()..=range.end()).contains(c));
    ['0', 'a', 'A', ' '].into_iter().find(has).or_else(|| class.iter().next().map(ClassUnicodeRange::start))
}

#[cfg(test)]
mod tests {
    use super::matching;

    #[test]
    fn a_sample_is_what_the_pattern_asks_for() {
        for (pattern, sample) in [
            ("^xyz-[0-9]{7}$", "xyz-0000000"),
            ("^[A-Z]{3}(-[a-z]{2,4})?$", "AAA"),
            ("^(CLP|USD)$", "CLP"),
            (r"^a\.b+[^0-9]$", "a.ba"),
            ("^[A-Z&&[^A]]{2}x*$", "BB"),
            ("", ""),
        ] {
            assert_eq!(matching(pattern).as_deref(), Some(sample), "{pattern}");
        }
    }

    #[test]
    fn there_is_none_of_what_matches_nothing_or_is_too_long() {
        for pattern in ["[", "[a&&b]", "(a{1000}){1000}"] {
            assert_eq!(matching(pattern), None, "{pattern}");
        }
    }
}
