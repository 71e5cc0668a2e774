//! Sentences in both languages, and texts of others made fit to be shown.

use standards_core::rules::Bilingual;

/// How many characters of somebody else's text are shown.
const SHOWN: usize = 600;

/// A sentence in both languages.
pub(super) fn both(es: impl Into<String>, en: impl Into<String>) -> Bilingual {
    Bilingual { es: es.into(), en: en.into() }
}

/// The text with control and bidirectional characters written out, and cut: nothing in it moves a terminal's cursor.
pub(super) fn clean(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).map(|c| if hidden(c) { Shown::Code(c) } else { Shown::Plain(c) }).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// Bytes of others, as [`clean`] text.
pub(super) fn clean_bytes(bytes: &[u8]) -> String {
    let head = bytes.get(..SHOWN * 4).unwrap_or(bytes);
    clean(&String::from_utf8_lossy(head))
}

/// Whether a character acts instead of being seen.
pub(super) fn hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

enum Shown {
    Plain(char),
    Code(char),
}

impl FromIterator<Shown> for String {
    fn from_iter<I: IntoIterator<Item = Shown>>(shown: I) -> Self {
        let mut text = Self::new();
        for one in shown {
            match one {
                Shown::Plain(c) => text.push(c),
                Shown::Code(c) => text.extend(c.escape_unicode()),
            }
        }
        text
    }
}

/// Text between `<` and `>` or in an attribute, of HTML or XML.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' => escaped.push('\n'),
            c if hidden(c) => escaped.extend(c.escape_unicode()),
            c => escaped.push(c),
        }
    }
    escaped
}
