//! The name of a cliente.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Rejected;
use super::characters::{is_blank, is_forbidden};
use super::input::{self, Input};

const MAX_CHARACTERS: usize = 100;

const LENGTH: Rejected = Rejected { es: "debe ser un texto de 1 a 100 caracteres", en: "must be a text of 1 to 100 characters" };

const BLANK: Rejected = Rejected { es: "no puede estar en blanco", en: "must not be blank" };

const CHARACTERS: Rejected = Rejected { es: "contiene caracteres no permitidos", en: "contains characters that are not allowed" };

/// The name of a cliente: 1 to 100 characters (Unicode scalar values), some of them visible, no
/// controls and no bidirectional overrides. Kept as it was given.
///
/// Personal data: its `Debug` does not show it and it has no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Nombre(String);

impl Nombre {
    /// The name as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A name that the database kept: what was accepted once is not judged again.
    pub(crate) fn from_database(nombre: String) -> Self {
        Self(nombre)
    }
}

impl FromStr for Nombre {
    type Err = Rejected;

    fn from_str(text: &str) -> Result<Self, Rejected> {
        if text.is_empty() || text.chars().count() > MAX_CHARACTERS {
            Err(LENGTH)
        } else if text.chars().any(is_forbidden) {
            Err(CHARACTERS)
        } else if text.chars().all(is_blank) {
            Err(BLANK)
        } else {
            Ok(Self(text.to_owned()))
        }
    }
}

impl fmt::Debug for Nombre {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nombre(***)")
    }
}

impl Serialize for Nombre {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl Input for Nombre {
    const REJECTED: Rejected = LENGTH;

    fn from_text(text: &str) -> Result<Self, Rejected> {
        text.parse()
    }
}

impl<'de> Deserialize<'de> for Nombre {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        input::read(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::Nombre;

    const ACCEPTED: &[&str] =
        &["Ana", " Ñandú O'Higgins ", "日本", "'; DROP TABLE pagos;--", "<script>", "{{7*7}}", "=cmd|'/c calc'!A1", "\u{200d}a"];

    #[test]
    fn a_name_is_kept_as_it_was_given() {
        for text in ACCEPTED {
            assert_eq!(text.parse::<Nombre>().unwrap().as_str(), *text);
        }
    }

    #[test]
    fn a_name_has_a_hundred_characters_at_most_however_many_bytes() {
        assert!("🙂".repeat(100).parse::<Nombre>().is_ok());
        assert!("a".repeat(101).parse::<Nombre>().is_err());
    }

    const REFUSED: &[&str] = &[
        "",
        " ",
        "\u{200b}",
        "\u{a0}",
        "\u{2060}",
        "\u{feff}",
        "\u{3000}",
        "a\0",
        "\u{1b}[2J",
        "a\r\nb",
        "a\tb",
        "\u{202e}abc",
        "a\u{feff}",
        "a\u{2028}b",
        "a\u{85}b",
    ];

    #[test]
    fn what_is_empty_or_blank_or_steers_a_reader_is_refused() {
        for text in REFUSED {
            assert!(text.parse::<Nombre>().is_err(), "{text:?}");
        }
        for json in ["\"\\ud800\"", "null", "1", "[]", "{}", "true"] {
            assert!(serde_json::from_str::<Nombre>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn debug_does_not_show_it() {
        assert_eq!(format!("{:?}", "Ana".parse::<Nombre>().unwrap()), "Nombre(***)");
    }
}
