//! The e-mail address of a cliente.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use unicode_normalization::UnicodeNormalization;

use super::Rejected;
use super::characters::{is_blank, is_forbidden};
use super::input::{self, Input};

const MAX_CHARACTERS: usize = 100;
/// RFC 1035, section 2.3.4.
const MAX_LABEL_CHARACTERS: usize = 63;

const REJECTED: Rejected = Rejected {
    es: "debe ser un correo electrónico válido de hasta 100 caracteres",
    en: "must be a valid e-mail address of at most 100 characters",
};

/// An e-mail address of at most 100 characters: a dot-atom (RFC 5322, letters of any script
/// allowed), one `@`, a domain of at least two labels.
///
/// Kept as it was given; [`normalized`](Self::normalized) is what two addresses are compared by.
/// Personal data: its `Debug` does not show it and it has no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// The address as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which addresses are compared: NFC, each character in lower case.
    ///
    /// It is computed here and not by the databases, whose `lower` differ from one another.
    /// Characters are lowered one by one: `str::to_lowercase` would write a final sigma
    /// otherwise than any other.
    #[must_use]
    pub fn normalized(&self) -> String {
        self.0.nfc().flat_map(char::to_lowercase).nfc().collect()
    }

    /// An address that the database kept: what was accepted once is not judged again.
    pub(crate) fn from_database(email: String) -> Self {
        Self(email)
    }
}

impl FromStr for Email {
    type Err = Rejected;

    fn from_str(text: &str) -> Result<Self, Rejected> {
        let (local, domain) = text.split_once('@').ok_or(REJECTED)?;
        let accepted = text.chars().count() <= MAX_CHARACTERS && is_local(local) && is_domain(domain);
        accepted.then(|| Self(text.to_owned())).ok_or(REJECTED)
    }
}

/// Atoms with single dots between them.
fn is_local(text: &str) -> bool {
    text.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom_character))
}

/// At least two labels with single dots between them.
fn is_domain(text: &str) -> bool {
    text.contains('.') && text.split('.').all(is_label)
}

fn is_label(text: &str) -> bool {
    (1..=MAX_LABEL_CHARACTERS).contains(&text.chars().count())
        && text.chars().all(|character| character.is_ascii_alphanumeric() || character == '-' || is_letter_abroad(character))
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn is_atom_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(character) || is_letter_abroad(character)
}

fn is_letter_abroad(character: char) -> bool {
    !character.is_ascii() && !is_forbidden(character) && !is_blank(character)
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(***)")
    }
}

impl Serialize for Email {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl Input for Email {
    const REJECTED: Rejected = REJECTED;

    fn from_text(text: &str) -> Result<Self, Rejected> {
        text.parse()
    }
}

impl<'de> Deserialize<'de> for Email {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        input::read(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    use super::Email;

    fn normalized(text: &str) -> String {
        text.parse::<Email>().unwrap().normalized()
    }

    const ACCEPTED: &[&str] = &["Ana@X.cl", "a.b+c@sub.dominio.cl", "ñandú@correo.cl", "a@xn--a-0ga.cl", "o'h@b.c"];

    #[test]
    fn addresses_are_kept_as_they_were_given() {
        for text in ACCEPTED {
            assert_eq!(text.parse::<Email>().unwrap().as_str(), *text);
        }
    }

    const REFUSED: &[&str] = &[
        "",
        "@",
        "a",
        "a@b",
        "@b.c",
        "a@@b.c",
        "a@b@c.d",
        "a b@c.d",
        "a@b.c\n",
        "a\r\nBcc: x@y.z@c.d",
        "a@.c",
        "a@b..c",
        "a@b.c.",
        "a@b.",
        ".a@b.c",
        "a.@b.c",
        "a..b@c.d",
        "a@-b.c",
        "a@b-.c",
        "a@b_c.d",
        "a@b c.d",
        "a@[127.0.0.1]",
        "\"a\"@b.c",
        "a,b@c.d",
        "<a@b.c>",
        "a\0@b.c",
        "a\u{202e}@b.c",
        "a\u{200b}@b.c",
        "a@b\u{a0}.c",
        "x\u{1b}]0;pwn\u{7}@y.z",
    ];

    #[test]
    fn what_is_no_address_is_refused() {
        for text in REFUSED {
            assert!(text.parse::<Email>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_address_has_a_hundred_characters_and_a_label_sixty_three_at_most() {
        let address = |local: usize, label: usize| format!("{}@{}.cl", "a".repeat(local), "b".repeat(label)).parse::<Email>();
        assert!(address(95, 1).is_ok() && address(96, 1).is_err());
        assert!(address(1, 63).is_ok() && address(1, 64).is_err());
    }

    #[test]
    fn addresses_are_compared_without_regard_to_case_or_composition() {
        assert_eq!(normalized("Ana@X.cl"), "ana@x.cl");
        assert_eq!(normalized("JOS\u{c9}@x.cl"), normalized("jose\u{301}@X.CL"));
        assert_eq!(normalized("\u{130}@x.cl"), "i\u{307}@x.cl");
        assert_eq!(normalized("I\u{307}@x.cl"), normalized("\u{130}@x.cl"));
        assert_eq!(normalized("stra\u{df}e@x.cl"), normalized("STRA\u{1e9e}E@x.cl"));
        assert_eq!(normalized("\u{fb01}n@x.cl"), "\u{fb01}n@x.cl");
        assert_eq!(normalized("ΑΣ@x.cl"), normalized("ας@x.cl").replace('ς', "σ"));
    }

    #[test]
    fn debug_does_not_show_it() {
        assert_eq!(format!("{:?}", "ana@x.cl".parse::<Email>().unwrap()), "Email(***)");
    }

    proptest! {
        #[test]
        fn normalizing_twice_changes_nothing(local in r"[^\s@.]{1,20}") {
            if let Ok(email) = format!("{local}@x.cl").parse::<Email>() {
                let once = email.normalized();
                prop_assert_eq!(&Email::from_database(once.clone()).normalized(), &once);
            }
        }

        #[test]
        fn an_accepted_text_has_one_at_and_nothing_that_breaks_a_line(text in any::<String>()) {
            if text.parse::<Email>().is_ok() {
                prop_assert_eq!(text.matches('@').count(), 1);
                prop_assert!(!text.chars().any(|c| c.is_control() || c.is_whitespace()));
            }
        }
    }
}
