//! The macro that declares a catalogue, and what it checks while it compiles.

use super::ErrorEntry;

/// Declares a service's errors: an enum, and for each variant its code, status, sentences and meaning.
///
/// A variant reads `Name { field: Type, ... } => status, "CODE", "sentence"`, then optionally `en "sentence"` and
/// `level LogLevel::X`. The sentence may name the fields in braces; without `en` the Spanish one serves both languages. Doc
/// comments become the description. Each field stands in the log record's `context` under its own name, so its type implements
/// [`ToValue`](crate::log::ToValue).
///
/// It does not compile when a code is not `UPPER_SNAKE_CASE`, a status is not 4xx or 5xx, or a code stands twice.
///
/// ```
/// use standards_core::{DomainError, error_catalogue};
///
/// error_catalogue! {
///     /// What can go wrong with a greeting.
///     pub enum SaludoError {
///         /// The name is on the block list.
///         NombreProhibido { palabra: String } => 400, "NOMBRE_PROHIBIDO", "Nombre {palabra} no permitido",
///             en "Name {palabra} not allowed";
///         /// Nobody is left to greet.
///         SinPublico => 404, "SIN_PUBLICO", "No hay nadie";
///     }
/// }
///
/// let error = SaludoError::NombreProhibido { palabra: "root".into() };
/// assert_eq!(error.to_string(), "Nombre root no permitido");
/// assert_eq!(error.entry().code, "NOMBRE_PROHIBIDO");
/// assert_eq!(SaludoError::ENTRIES.len(), 2);
/// ```
///
/// # Example: refused while it compiles
///
/// ```compile_fail
/// standards_core::error_catalogue! { pub enum E { A => 400, "notUpper", "x"; } }
/// ```
/// ```compile_fail
/// standards_core::error_catalogue! { pub enum E { A => 200, "A", "x"; } }
/// ```
/// ```compile_fail
/// standards_core::error_catalogue! { pub enum E { A => 400, "A", "x"; B => 404, "A", "y"; } }
/// ```
///
/// # Example: one language, another level, a field that only the log shows
///
/// ```
/// use standards_core::log::LogLevel;
/// use standards_core::{DomainError, Language, error_catalogue};
///
/// error_catalogue! {
///     /// What can go wrong with the bank.
///     pub enum BancoError {
///         /// The bank asks for patience; that is no fault of ours.
///         Ocupado { intento: u32 } => 503, "BANCO_OCUPADO", "El banco está ocupado", level LogLevel::Warning;
///     }
/// }
///
/// let error = BancoError::Ocupado { intento: 3 };
/// assert_eq!(error.message(Language::En), "El banco está ocupado");
/// assert_eq!(error.entry().level, LogLevel::Warning);
/// assert_eq!(error.context(), [("intento", 3_u32.into())]);
/// ```
#[macro_export]
macro_rules! error_catalogue {
    (
        $(#[$enum_meta:meta])*
        $vis:vis enum $name:ident {
            $(
                $(#[doc = $doc:literal])*
                $variant:ident $({ $($field:ident : $type:ty),+ $(,)? })?
                    => $status:literal, $code:literal, $es:literal
                    $(, en $en:literal)? $(, level $level:expr)? ;
            )+
        }
    ) => {
        $(#[$enum_meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        $vis enum $name {
            $(
                $(#[doc = $doc])*
                $variant $({
                    $(
                        #[doc = concat!("`", stringify!($field), "` of the sentence and of the log record's context.")]
                        $field: $type
                    ),+
                })?
            ),+
        }

        impl $crate::DomainError for $name {
            const ENTRIES: &'static [$crate::ErrorEntry] = {
                const ENTRIES: &[$crate::ErrorEntry] =
                    &[$($crate::__entry!($status, $code, [$($doc)*], [$($level)?], $es $(, $en)?)),+];
                assert!($crate::__private::codes_are_unique(ENTRIES), "an error code stands twice in this catalogue");
                ENTRIES
            };

            fn entry(&self) -> $crate::ErrorEntry {
                match self {
                    $(Self::$variant { .. } => const { $crate::__entry!($status, $code, [$($doc)*], [$($level)?], $es $(, $en)?) }),+
                }
            }

            #[allow(unused_variables, clippy::allow_attributes, reason = "a catalogue in one language asks for none")]
            fn message(&self, language: $crate::Language) -> ::std::string::String {
                match self {
                    $(
                        Self::$variant $({ $($field),+ })? => {
                            $($(let _ = $field;)+)?
                            $(if language == $crate::Language::En {
                                return ::std::format!($en);
                            })?
                            ::std::format!($es)
                        }
                    ),+
                }
            }

            fn context(&self) -> ::std::vec::Vec<(&'static str, $crate::log::Value)> {
                match self {
                    $(
                        Self::$variant $({ $($field),+ })? => ::std::vec![
                            $($((stringify!($field), $crate::log::ToValue::to_value($field))),+)?
                        ]
                    ),+
                }
            }
        }

        // An associated constant is checked only where it is used.
        const _: &[$crate::ErrorEntry] = <$name as $crate::DomainError>::ENTRIES;

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(&$crate::DomainError::message(self, $crate::Language::Es))
            }
        }

        impl ::std::error::Error for $name {}
    };
}

/// One row, from the pieces of its declaration.
#[doc(hidden)]
#[macro_export]
macro_rules! __entry {
    ($status:literal, $code:literal, $doc:tt, $level:tt, $es:literal) => {
        $crate::__entry!($status, $code, $doc, $level, $es, $es)
    };
    ($status:literal, $code:literal, [$($doc:literal)*], [$($level:expr)?], $es:literal, $en:literal) => {
        $crate::ErrorEntry::new(
            $code,
            $crate::ErrorStatus::new($status),
            $crate::Text::new($es, $en),
            concat!($($doc),*).trim_ascii(),
        )$(.with_level($level))?
    };
}

/// Whether `code` starts with `A-Z`, goes on with `A-Z`, `0-9` and single underscores, and ends with none.
#[must_use]
#[expect(clippy::indexing_slicing, reason = "slices are not iterated in constants; every index is below the length")]
pub(crate) const fn is_upper_snake_case(code: &str) -> bool {
    let bytes = code.as_bytes();
    if bytes.is_empty() || !bytes[0].is_ascii_uppercase() || bytes[bytes.len() - 1] == b'_' {
        return false;
    }
    let mut i = 1;
    while i < bytes.len() {
        let word = bytes[i].is_ascii_uppercase() || bytes[i].is_ascii_digit();
        let joint = bytes[i] == b'_' && bytes[i - 1] != b'_';
        if !word && !joint {
            return false;
        }
        i += 1;
    }
    true
}

/// Whether no code stands twice among `entries`.
#[must_use]
#[expect(clippy::indexing_slicing, reason = "slices are not iterated in constants; every index is below the length")]
pub const fn codes_are_unique(entries: &[ErrorEntry]) -> bool {
    let mut i = 0;
    while i < entries.len() {
        let mut j = i + 1;
        while j < entries.len() {
            if same(entries[i].code.as_bytes(), entries[j].code.as_bytes()) {
                return false;
            }
            j += 1;
        }
        i += 1;
    }
    true
}

/// `==` of byte slices is no constant function.
#[expect(clippy::indexing_slicing, reason = "slices are not compared in constants; every index is below both lengths")]
const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() && a[i] == b[i] {
        i += 1;
    }
    i == a.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;
    use crate::catalogue::DomainError;
    use crate::log::{LogLevel, Value};

    error_catalogue! {
        /// A catalogue for the tests.
        enum Prueba {
            /// First line.
            /// Second line.
            Uno { id: i64, texto: &'static str } => 400, "UNO", "Falta {id}", en "{id} is missing";
            Dos => 503, "DOS", "Nada", level LogLevel::Warning;
        }
    }

    #[test]
    fn a_variant_carries_its_row() {
        let uno = Prueba::Uno { id: 7, texto: "x" };
        assert_eq!((uno.entry().code, uno.entry().status.as_u16(), uno.entry().level), ("UNO", 400, LogLevel::Warning));
        assert_eq!(uno.entry().description, "First line. Second line.");
        assert_eq!((Prueba::Dos.entry().code, Prueba::Dos.entry().level), ("DOS", LogLevel::Warning));
    }

    #[test]
    fn a_sentence_is_filled_in_each_language() {
        let uno = Prueba::Uno { id: 7, texto: "x" };
        assert_eq!(uno.message(Language::Es), "Falta 7");
        assert_eq!(uno.message(Language::En), "7 is missing");
        assert_eq!(Prueba::Dos.message(Language::En), "Nada");
    }

    #[test]
    fn fields_become_typed_context() {
        let context = Prueba::Uno { id: 7, texto: "x" }.context();
        assert_eq!(context, [("id", Value::from(7)), ("texto", Value::from("x"))]);
    }

    #[test]
    fn codes_have_a_grammar() {
        for code in ["A", "SALDO_INSUFICIENTE", "E2E_9"] {
            assert!(is_upper_snake_case(code), "{code}");
        }
        for code in ["", "_A", "A_", "A__B", "a", "SALDO-X", "Ñ", "9A", "A B"] {
            assert!(!is_upper_snake_case(code), "{code}");
        }
    }
}
