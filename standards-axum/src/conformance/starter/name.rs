//! What a service can be called.

use standards_core::rules::Bilingual;

use crate::conformance::text::{both, clean};

/// The longest name; the template's lines stay within their width with it.
const LONGEST: usize = 40;

/// Words that Rust keeps for itself.
const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut",
    "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "union",
    "unsafe", "use", "where", "while",
];

/// Crates that the compiler brings, folders that cargo makes, and crates that the new one stands on.
const TAKEN: [&str; 20] = [
    "alloc",
    "core",
    "proc-macro",
    "std",
    "test",
    "build",
    "deps",
    "examples",
    "incremental",
    "axum",
    "garde",
    "serde",
    "serde-json",
    "sqlx",
    "standards-axum",
    "standards-core",
    "tempfile",
    "tokio",
    "tracing",
    "utoipa",
];

/// The name of a service and of its crate: `ms-inventario`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::conformance) struct Name(String);

impl Name {
    /// Reads a name: words of small letters and digits with hyphens between them, the first character a letter, 2 to 40 characters, nothing
    /// that Rust or cargo keeps for itself.
    pub(in crate::conformance) fn parse(text: &str) -> Result<Self, Bilingual> {
        if !well_formed(text) {
            return Err(malformed(text));
        }
        if KEYWORDS.contains(&text) || TAKEN.contains(&text) {
            return Err(both(format!("El nombre {text} está reservado"), format!("The name {text} is reserved")));
        }
        Ok(Self(text.to_owned()))
    }

    /// As cargo has it.
    pub(in crate::conformance) fn as_str(&self) -> &str {
        &self.0
    }

    /// As the code has it.
    pub(super) fn identifier(&self) -> String {
        self.0.replace('-', "_")
    }
}

fn well_formed(text: &str) -> bool {
    let word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    (2..=LONGEST).contains(&text.len()) && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.split('-').all(word)
}

fn malformed(text: &str) -> Bilingual {
    let text = clean(text);
    both(
        format!(
            "El nombre «{text}» no sirve: de 2 a {LONGEST} letras minúsculas, dígitos y guiones entre palabras, la primera una letra (ms-inventario)"
        ),
        format!(
            "The name {text:?} will not do: 2 to {LONGEST} small letters, digits and hyphens between words, a letter first (ms-inventario)"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_words_with_hyphens_between_them() {
        for text in ["ms-inventario", "ms", "a1", "ms-2", "a-b-c", &"x".repeat(LONGEST)] {
            assert_eq!(Name::parse(text).unwrap().as_str(), text);
        }
        assert_eq!(Name::parse("ms-a-1").unwrap().identifier(), "ms_a_1");
    }

    #[test]
    fn a_name_that_is_none_is_refused_with_a_sentence() {
        let longer = "x".repeat(LONGEST + 1);
        for text in
            ["", "a", "-a", "a-", "a--b", "1a", "Ms", "ms_a", "ms a", "ms.a", "ñu", "../a", "a/b", "a\nb", "--path", &longer]
        {
            assert!(Name::parse(text).unwrap_err().es.starts_with("El nombre «"), "{text:?}");
        }
        for text in ["fn", "async", "test", "build", "core", "serde", "standards-axum"] {
            assert_eq!(Name::parse(text).unwrap_err().en, format!("The name {text} is reserved"));
        }
    }
}
