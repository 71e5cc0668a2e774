//! The macro that declares a catalogue, and what it checks while it compiles.

use super::ErrorEntry;

/// Declares a service's errors: an enum, and for each variant its code, status, sentences and meaning.
///
/// A variant reads `Name { field: Type, ... } => status, CODE, "sentence"`, then optionally `en "sentence"` and
/// `level LogLevel::X`. The sentence may name the fields in braces; without `en` the Spanish one serves both languages. Doc
/// comments become the description.
///
/// The code is a constant of the enum too, which is its row: `SaludoError::SIN_PUBLICO`. A code in quotes is the same without one.
///
/// Each field stands in the log record's `context` under its own name: as its [`ToValue`](crate::log::ToValue) says, or, of a type
/// that has none, as its `Display` writes it. More is asked of no field. `Debug`, `Display` and `Error` are there by themselves; what
/// else the enum shall be able to do it derives: `#[derive(Clone, PartialEq)]` before it, as far as its fields can.
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
///         NombreProhibido { palabra: String } => 400, NOMBRE_PROHIBIDO, "Nombre {palabra} no permitido",
///             en "Name {palabra} not allowed";
///         /// Nobody is left to greet.
///         SinPublico => 404, SIN_PUBLICO, "No hay nadie";
///     }
/// }
///
/// let error = SaludoError::NombreProhibido { palabra: "root".into() };
/// assert_eq!(error.to_string(), "Nombre root no permitido");
/// assert_eq!(error.entry().code, "NOMBRE_PROHIBIDO");
/// assert_eq!(SaludoError::ENTRIES, [SaludoError::NOMBRE_PROHIBIDO, SaludoError::SIN_PUBLICO]);
/// ```
///
/// # Example: a field that can only be written, and derives
///
/// ```
/// use std::fmt;
/// use standards_core::{DomainError, error_catalogue};
///
/// /// A temperature: no `Eq`, no `Debug`, no form for the log.
/// #[derive(Clone, PartialEq)]
/// pub struct Grados(f64);
///
/// impl fmt::Display for Grados {
///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
///         write!(f, "{:.1} °C", self.0)
///     }
/// }
///
/// error_catalogue! {
///     /// What can go wrong in the oven.
///     #[derive(Clone, PartialEq)]
///     pub enum HornoError {
///         /// It is too hot to be opened.
///         Caliente { grados: Grados, factor: f64 } => 409, HORNO_CALIENTE, "El horno está a {grados}";
///     }
/// }
///
/// let error = HornoError::Caliente { grados: Grados(210.0), factor: 1.5 };
/// assert_eq!(error.to_string(), "El horno está a 210.0 °C");
/// assert_eq!(error.context(), [("grados", "210.0 °C".into()), ("factor", 1.5.into())]);
/// assert_eq!(format!("{:?}", error.clone()), "Caliente { grados: 210.0 °C, factor: 1.5 }");
/// ```
///
/// # Example: refused while it compiles
///
/// ```compile_fail
/// standards_core::error_catalogue! { pub enum E { A => 400, not_upper, "x"; } }
/// ```
/// ```compile_fail
/// standards_core::error_catalogue! { pub enum E { A => 200, A_CODE, "x"; } }
/// ```
/// ```compile_fail
/// standards_core::error_catalogue! { pub enum E { A => 400, "A_CODE", "x"; B => 404, A_CODE, "y"; } }
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
///         Ocupado { intento: u32 } => 503, BANCO_OCUPADO, "El banco está ocupado", level LogLevel::Warning;
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
                    => $status:literal, $code:tt, $es:literal
                    $(, en $en:literal)? $(, level $level:expr)? ;
            )+
        }
    ) => {
        $(#[$enum_meta])*
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

        impl $name {
            $($crate::__row! { $code, $vis, $crate::__entry!($status, $code, [$($doc)*], [$($level)?], $es $(, $en)?) })+
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

            #[allow(unused_imports, clippy::allow_attributes, reason = "no field needs all ways to be logged")]
            fn context(&self) -> ::std::vec::Vec<(&'static str, $crate::log::Value)> {
                use $crate::__private::{LoggedAsText, LoggedAsValue};
                match self {
                    $(
                        Self::$variant $({ $($field),+ })? => ::std::vec![
                            $($((stringify!($field), (&$crate::__private::Field($field)).logged())),+)?
                        ]
                    ),+
                }
            }
        }

        // An associated constant is checked only where it is used.
        const _: &[$crate::ErrorEntry] = <$name as $crate::DomainError>::ENTRIES;

        impl ::std::fmt::Debug for $name {
            #[allow(unused_imports, clippy::allow_attributes, reason = "no field needs all ways to be shown")]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                use $crate::__private::{ShownAsDebug, ShownAsText};
                match self {
                    $(
                        Self::$variant $({ $($field),+ })? => f.debug_struct(stringify!($variant))
                            $($(.field(stringify!($field), &(&$crate::__private::Field($field)).shown()))+)?
                            .finish()
                    ),+
                }
            }
        }

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
    ($status:literal, $code:tt, $doc:tt, $level:tt, $es:literal) => {
        $crate::__entry!($status, $code, $doc, $level, $es, $es)
    };
    ($status:literal, $code:ident, $doc:tt, $level:tt, $es:literal, $en:literal) => {
        $crate::__entry!(@ $status, stringify!($code), $doc, $level, $es, $en)
    };
    ($status:literal, $code:literal, $doc:tt, $level:tt, $es:literal, $en:literal) => {
        $crate::__entry!(@ $status, $code, $doc, $level, $es, $en)
    };
    (@ $status:literal, $code:expr, [$($doc:literal)*], [$($level:expr)?], $es:literal, $en:literal) => {
        $crate::ErrorEntry::new(
            $code,
            $crate::ErrorStatus::new($status),
            $crate::Text::new($es, $en),
            concat!($($doc),*).trim_ascii(),
        )$(.with_level($level))?
    };
}

/// The constant that is a row, where its code is one.
#[doc(hidden)]
#[macro_export]
macro_rules! __row {
    ($code:ident, $vis:vis, $entry:expr) => {
        #[doc = concat!("The row of the errors with the code `", stringify!($code), "`.")]
        #[allow(dead_code, clippy::allow_attributes, reason = "not every row is named alone")]
        $vis const $code: $crate::ErrorEntry = $entry;
    };
    ($code:literal, $vis:vis, $entry:expr) => {};
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
            Dos => 503, DOS, "Nada", level LogLevel::Warning;
            Tres { razon: f64, lugar: Lugar, lista: Vec<u8>, nada: Option<bool> } => 409, TRES_3, "En {lugar}, por {razon:.2}";
        }
    }

    /// Has a sentence and nothing else.
    struct Lugar;

    impl std::fmt::Display for Lugar {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("Ñuñoa")
        }
    }

    #[test]
    fn a_row_is_a_constant_of_its_code() {
        assert_eq!((Prueba::DOS, Prueba::TRES_3.code), (Prueba::Dos.entry(), "TRES_3"));
        assert_eq!(Prueba::ENTRIES[1..], [Prueba::DOS, Prueba::TRES_3]);
    }

    #[test]
    fn a_field_is_logged_by_its_type_or_else_as_it_is_written() {
        let tres = Prueba::Tres { razon: 0.5, lugar: Lugar, lista: vec![1], nada: None };
        let expected = [Value::from(0.5), Value::from("Ñuñoa"), Value::List(vec![Value::from(1_u8)]), Value::Null];
        assert_eq!(tres.context().into_iter().map(|(_, value)| value).collect::<Vec<_>>(), expected);
        assert_eq!(tres.to_string(), "En Ñuñoa, por 0.50");
        assert_eq!(format!("{tres:?}"), "Tres { razon: 0.5, lugar: Ñuñoa, lista: [1], nada: None }");
        assert_eq!(format!("{:?}", Prueba::Dos), "Dos");
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
