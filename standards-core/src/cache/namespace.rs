//! Whose keys they are.

use std::fmt;

/// What a cache holds, and in which form: the beginning of each of its keys in a shared level, `cliente:3:`.
///
/// The version is the schema of the value: who changes the type in a way that old readers or old entries do not stand gives it the next
/// number, and what other versions wrote is never read. A rolling deployment has both side by side.
///
/// ```
/// use standards_core::cache::Namespace;
///
/// const CLIENTES: Namespace = Namespace::new("cliente", 3);
/// assert_eq!(CLIENTES.key("42"), "cliente:3:42");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Namespace {
    name: &'static str,
    version: u32,
}

impl Namespace {
    /// The longest name, in bytes.
    pub const MAX_LENGTH: usize = 64;

    /// Names what is kept and the version of its form.
    ///
    /// # Panics
    ///
    /// When the name is not `[a-z0-9_-]{1,64}`; in a constant that is an error of the compiler.
    #[must_use]
    pub const fn new(name: &'static str, version: u32) -> Self {
        assert!(is_name(name.as_bytes()), "a namespace is 1 to 64 of a-z, 0-9, _ and -");
        Self { name, version }
    }

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// The version of the values' form.
    #[must_use]
    pub const fn version(self) -> u32 {
        self.version
    }

    /// The whole key of `key`, as a shared level has it.
    #[must_use]
    pub fn key(self, key: &str) -> String {
        format!("{self}:{key}")
    }

    /// The part of a whole key that is this namespace's own; `None` of another's.
    pub(super) fn own_part(self, whole: &str) -> Option<&str> {
        let rest = whole.strip_prefix(self.name)?.strip_prefix(':')?;
        let (version, key) = rest.split_once(':')?;
        (version.parse() == Ok(self.version)).then_some(key)
    }
}

const fn is_name(name: &[u8]) -> bool {
    let mut at = 0;
    let mut rest = name;
    while let Some((byte, others)) = rest.split_first() {
        if !(byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-')) {
            return false;
        }
        rest = others;
        at += 1;
    }
    at > 0 && at <= Namespace::MAX_LENGTH
}

/// `cliente:3`.
impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.name, self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_another_namespace_or_version_is_not_ones_own() {
        let clientes = Namespace::new("cliente", 3);
        assert_eq!(clientes.own_part("cliente:3:a:b"), Some("a:b"));
        for other in ["cliente:4:a", "cliente:33:a", "clientes:3:a", "cliente:3", "client:3:a", ""] {
            assert_eq!(clientes.own_part(other), None, "{other}");
        }
    }

    #[test]
    fn names_outside_the_grammar_are_refused() {
        for name in ["", "A", "a:b", "a b", "ñ"] {
            assert!(std::panic::catch_unwind(|| Namespace::new(name, 1)).is_err(), "{name}");
        }
    }
}
