//! The two languages in which a client is answered.

/// A language of the messages to clients.
///
/// ```
/// use standards_core::Language;
///
/// assert_eq!(Language::default(), Language::Es);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// Spanish, the guideline's language and the default.
    #[default]
    Es,
    /// English.
    En,
}

impl Language {
    /// Chooses by an `Accept-Language` value (RFC 9110, section 12.5.4): English only where it is preferred to Spanish.
    ///
    /// Weights are compared as written; a range without `q` weighs 1. Anything unreadable counts as absent.
    ///
    /// ```
    /// use standards_core::Language;
    ///
    /// assert_eq!(Language::negotiate("en-GB, es;q=0.5"), Language::En);
    /// assert_eq!(Language::negotiate("fr, en;q=0.2, es;q=0.9"), Language::Es);
    /// assert_eq!(Language::negotiate("ja"), Language::Es);
    /// ```
    #[must_use]
    pub fn negotiate(accept_language: &str) -> Self {
        let (mut es, mut en) = (0, 0);
        for range in accept_language.split(',').take(16) {
            let (tag, weight) = parse_range(range);
            match tag.get(..2).map(str::to_ascii_lowercase).as_deref() {
                Some("es") => es = es.max(weight),
                Some("en") => en = en.max(weight),
                _ => {}
            }
        }
        if en > es { Self::En } else { Self::Es }
    }

    /// The language tag, `es` or `en`.
    ///
    /// ```
    /// assert_eq!(standards_core::Language::En.tag(), "en");
    /// ```
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Es => "es",
            Self::En => "en",
        }
    }
}

/// The primary subtag and the weight in thousandths; a tag that is not `xx` or `xx-...` is returned empty.
fn parse_range(range: &str) -> (&str, u16) {
    let mut parts = range.split(';').map(str::trim);
    let tag = parts.next().unwrap_or_default();
    let well_formed = tag.len() == 2 || tag.as_bytes().get(2) == Some(&b'-');
    let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1000, thousandths);
    (if well_formed { tag } else { "" }, weight)
}

/// A weight as RFC 9110 writes it (at most three decimals), in thousandths; what is unreadable weighs nothing.
fn thousandths(weight: &str) -> u16 {
    if weight.starts_with('1') {
        return 1000;
    }
    let decimals = weight.strip_prefix("0.").unwrap_or_default();
    let digits: String = decimals.chars().chain("000".chars()).take(3).collect();
    digits.parse().unwrap_or(0)
}

/// One sentence in both languages.
///
/// ```
/// use standards_core::{Language, Text};
///
/// const GONE: Text = Text::new("Recurso eliminado", "Resource deleted");
/// assert_eq!(GONE.in_language(Language::En), "Resource deleted");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    /// Spanish.
    pub es: &'static str,
    /// English.
    pub en: &'static str,
}

impl Text {
    /// Pairs the two.
    #[must_use]
    pub const fn new(es: &'static str, en: &'static str) -> Self {
        Self { es, en }
    }

    /// The sentence in `language`.
    #[must_use]
    pub const fn in_language(self, language: Language) -> &'static str {
        match language {
            Language::Es => self.es,
            Language::En => self.en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spanish_is_the_answer_to_silence_ties_and_noise() {
        for header in ["", "*", "es,en", ";;;,,,q=", "english", "e\u{301}n", "en;q=0", "en;q=abc, es;q=0.001"] {
            assert_eq!(Language::negotiate(header), Language::Es, "{header:?}");
        }
    }

    #[test]
    fn english_needs_the_greater_weight() {
        for header in ["en", "EN-us", "es;q=0.8,en", "es;q=0.25, en;q=0.251"] {
            assert_eq!(Language::negotiate(header), Language::En, "{header:?}");
        }
    }
}
