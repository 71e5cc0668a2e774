//! The name of a request across services.

use std::fmt;
use std::sync::LazyLock;

use uuid::Uuid;
use uuid::fmt::Hyphenated;

use super::text::Text;

/// Identifies a request in every answer and record: `[A-Za-z0-9._:-]{1,128}` (contract section 3).
///
/// Cheap to clone. What does not match is refused whole, never trimmed or repaired.
///
/// ```
/// use standards_core::CorrelationId;
///
/// assert_eq!(CorrelationId::parse("abc-123-def-456").unwrap().as_str(), "abc-123-def-456");
/// assert!(CorrelationId::parse(r#"x" level="ERROR"#).is_none());
/// assert_eq!(CorrelationId::generate().as_str().len(), 36);
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CorrelationId(Text<{ Hyphenated::LENGTH }>);

impl CorrelationId {
    /// The longest id that is taken, in bytes.
    pub const MAX_LENGTH: usize = 128;

    /// Takes an id that came from outside; `None` when it breaks the grammar.
    ///
    /// ```
    /// use standards_core::CorrelationId;
    ///
    /// assert_eq!(CorrelationId::parse("pedido:17").unwrap().to_string(), "pedido:17");
    /// assert_eq!(CorrelationId::parse(""), None);
    /// assert_eq!(CorrelationId::parse(&"a".repeat(129)), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=Self::MAX_LENGTH).contains(&text.len());
        (fits && text.bytes().all(is_id_byte)).then(|| Self(text.into()))
    }

    /// A new UUID, version 4.
    #[must_use]
    pub fn generate() -> Self {
        let mut buffer = Uuid::encode_buffer();
        Self(Text::from(&*Uuid::new_v4().hyphenated().encode_lower(&mut buffer)))
    }

    /// The text, as it stands in header and log.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

const fn is_id_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b':' | b'-')
}

impl fmt::Display for CorrelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for CorrelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// The id of records that belong to no request: `proc-` and a UUID, one per process.
///
/// ```
/// use standards_core::context::process_id;
///
/// assert!(process_id().as_str().starts_with("proc-"));
/// assert_eq!(process_id(), process_id());
/// ```
pub fn process_id() -> &'static CorrelationId {
    static PROCESS_ID: LazyLock<CorrelationId> =
        LazyLock::new(|| CorrelationId(Text::from(&*format!("proc-{}", Uuid::new_v4().hyphenated()))));
    &PROCESS_ID
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_outside_the_grammar_are_refused_whole() {
        let long = "a".repeat(129);
        for text in ["", " ", "a b", "abc\n", "a\0", "ñ", "../../x", "${jndi:ldap://x}", "{\"x\":1}", "a,b", long.as_str()] {
            assert!(CorrelationId::parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn ids_inside_the_grammar_are_taken_as_they_are() {
        let longest = "a".repeat(128);
        for text in ["a", "A.b_c:d-9", longest.as_str()] {
            assert_eq!(CorrelationId::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn a_process_has_one_id() {
        assert_eq!(process_id(), process_id());
        assert!(process_id().as_str().starts_with("proc-"));
        assert!(CorrelationId::parse(process_id().as_str()).is_some());
    }
}
