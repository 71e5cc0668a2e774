//! Reasons that a type gives for refusing a value, in words that a client may read; and the grammar of integers.
//!
//! A serialisation library has its own sentences ("invalid type: string, expected i64 at line 1"), and none of them may reach a
//! client. A type that parses its input says its own, through [`reject`]; the extractors pass exactly these on and put a general
//! reason in the place of everything else.

use std::fmt;

use serde::de;

use crate::language::Text;

/// Marks the text of a deserialisation error as written for clients. A control character, which no library's sentence holds.
const MARK: char = '\u{1}';

/// Both sentences in one text, since an error of `serde` carries nothing but text.
struct Marked<S>(S, S);

impl<S: fmt::Display> fmt::Display for Marked<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{MARK}{}{MARK}{}", self.0, self.1)
    }
}

/// Refuses a value from inside `Deserialize`, with a reason for the client.
///
/// ```
/// use serde::{Deserialize, Deserializer};
/// use standards_core::{Text, validation};
///
/// struct Par(u32);
///
/// impl<'de> Deserialize<'de> for Par {
///     fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
///         match u32::deserialize(deserializer)? {
///             n if n % 2 == 0 => Ok(Self(n)),
///             _ => Err(validation::reject(Text::new("debe ser par", "must be even"))),
///         }
///     }
/// }
///
/// let error = serde_json::from_str::<Par>("3").err().unwrap();
/// assert_eq!(validation::reason(&error), Some(["debe ser par".to_owned(), "must be even".to_owned()]));
/// ```
pub fn reject<E: de::Error>(reason: Text) -> E {
    E::custom(Marked(reason.es, reason.en))
}

/// Refuses a value with a reason that is put together at run time, such as one that tells bounds.
///
/// ```
/// use standards_core::validation;
///
/// let stock = 7;
/// let (es, en) = (format!("debe ser menor o igual que {stock}"), format!("must be at most {stock}"));
/// let error: serde_json::Error = validation::reject_with(es, en);
/// assert_eq!(validation::reason(&error).unwrap()[1], "must be at most 7");
/// ```
pub fn reject_with<E: de::Error>(es: String, en: String) -> E {
    E::custom(Marked(es, en))
}

/// The reason that [`reject`] put into `error`, in Spanish and English; `None` where a library speaks.
///
/// ```
/// use standards_core::validation;
///
/// let library = serde_json::from_str::<u8>("x").unwrap_err();
/// assert_eq!(validation::reason(&library), None, "a library's sentence is not for clients");
/// ```
pub fn reason(error: &dyn fmt::Display) -> Option<[String; 2]> {
    let text = error.to_string();
    let mut parts = text.strip_prefix(MARK)?.splitn(2, MARK);
    let (es, en) = (parts.next()?, parts.next()?);
    // serde_json appends the place; it is of no use to whoever filled in a form.
    let en = en.find(" at line ").map_or(en, |end| en.split_at(end).0);
    Some([es.to_owned(), en.to_owned()])
}

/// Whether `text` is a whole number as JSON writes it, `-?(0|[1-9][0-9]*)` (RFC 8259, section 6), of any length.
///
/// Integers outside JSON are read by this grammar too, in a path or a query, so that a number has one spelling: a library's parser
/// would take `+1` and `01` as well.
///
/// ```
/// use standards_core::validation::is_integer;
///
/// assert!(["0", "7", "-7", "99999999999999999999"].iter().all(|text| is_integer(text)));
/// assert!(!["", "+1", "01", "1.0", "1e3", " 1"].iter().any(|text| is_integer(text)));
/// ```
#[must_use]
pub fn is_integer(text: &str) -> bool {
    match text.strip_prefix('-').unwrap_or(text).as_bytes() {
        [b'0'] => true,
        [b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_integer;

    #[test]
    fn whole_numbers_have_one_spelling() {
        for text in ["0", "-0", "7", "-7", "9223372036854775808"] {
            assert!(is_integer(text), "{text}");
        }
        for text in ["", "-", "+1", "01", "-01", "00", "1.0", "1e3", "0x1", "１", " 1", "1 ", "1_0", "1\0", "--1", "abc"] {
            assert!(!is_integer(text), "{text}");
        }
    }
}
