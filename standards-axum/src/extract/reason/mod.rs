//! Why a field is refused: the short table of sentences that a client may read.

mod expected;
pub(super) mod rule;
pub(super) mod rules;

use standards_core::FieldError;

pub(in crate::extract) use expected::{Bounds, Form};
pub use rules::refuse;

/// What is wrong with one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::extract) enum Reason {
    /// The body is not JSON.
    Malformed,
    /// The named field is missing.
    Missing(&'static str),
    /// The field stands more than once; that many of its entries are good.
    Repeated(usize),
    /// The type allows no field of this name.
    UnknownField,
    /// Another type is expected.
    Type(Kind),
    /// Another form of text is expected.
    Form(&'static Form),
    /// A number that the type cannot hold, and what it can.
    Range(Option<Bounds>),
    /// The wrong number of elements.
    Length,
    /// None of these.
    Variant(&'static [&'static str]),
    /// Text that is not text: a broken escape, a lone surrogate, invalid UTF-8.
    Encoding,
    /// Nested too deeply to be read.
    Depth,
    /// More parameters than a request may have.
    TooMany,
    /// Anything that only a library has words for.
    Invalid,
    /// The type's own words, in Spanish and in English.
    Own([String; 2]),
}

/// The types of JSON, as a client knows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::extract) enum Kind {
    Null,
    Bool,
    Integer,
    Number,
    Text,
    List,
    Object,
}

impl Kind {
    /// Recognises what serde's own visitors say they expect; these words never reach a client.
    pub(in crate::extract) fn of_expectation(expected: &str) -> Option<Self> {
        match expected {
            "unit" => Some(Self::Null),
            "a boolean" => Some(Self::Bool),
            "f32" | "f64" => Some(Self::Number),
            "i8" | "i16" | "i32" | "i64" | "i128" | "u8" | "u16" | "u32" | "u64" | "u128" | "isize" | "usize" => {
                Some(Self::Integer)
            }
            "a string" | "a character" | "string" | "str" => Some(Self::Text),
            "a sequence" => Some(Self::List),
            "a map" => Some(Self::Object),
            _ if expected.starts_with("struct ") => Some(Self::Object),
            _ => None,
        }
    }

    const fn sentence(self) -> [&'static str; 2] {
        match self {
            Self::Null => ["debe ser nulo", "must be null"],
            Self::Bool => ["debe ser verdadero o falso", "must be true or false"],
            Self::Integer => ["debe ser un número entero", "must be an integer"],
            Self::Number => ["debe ser un número", "must be a number"],
            Self::Text => ["debe ser un texto", "must be a string"],
            Self::List => ["debe ser una lista", "must be a list"],
            Self::Object => ["debe ser un objeto", "must be an object"],
        }
    }
}

impl Reason {
    /// The item of the answer: `field: reason`.
    pub(in crate::extract) fn about(&self, field: String) -> FieldError {
        let [es, en] = self.sentence();
        FieldError::new(field, es, en)
    }

    fn sentence(&self) -> [String; 2] {
        match self {
            Self::Own(sentence) => sentence.clone(),
            Self::Variant(allowed) if !allowed.is_empty() => {
                let allowed = allowed.join(", ");
                [format!("debe ser uno de: {allowed}"), format!("must be one of: {allowed}")]
            }
            Self::Range(Some(bounds)) => bounds.sentence(),
            fixed => fixed.fixed_sentence().map(str::to_owned),
        }
    }

    const fn fixed_sentence(&self) -> [&'static str; 2] {
        match self {
            Self::Malformed => ["JSON mal formado", "malformed JSON"],
            Self::Missing(_) => ["es obligatorio", "is required"],
            Self::Repeated(_) => ["está repetido", "is repeated"],
            Self::UnknownField => ["no es un campo permitido", "is not an allowed field"],
            Self::Type(kind) => kind.sentence(),
            Self::Form(form) => form.sentence,
            Self::Range(_) => ["está fuera de rango", "is out of range"],
            Self::Length => ["no tiene la cantidad de elementos esperada", "does not have the expected number of elements"],
            Self::Variant(_) => ["no es un valor permitido", "is not an allowed value"],
            Self::Encoding => ["contiene caracteres no válidos", "holds invalid characters"],
            Self::Depth => ["está demasiado anidado", "is nested too deeply"],
            Self::TooMany => ["hay demasiados parámetros", "there are too many parameters"],
            Self::Invalid | Self::Own(_) => ["no es válido", "is not valid"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use standards_core::Language;

    #[test]
    fn allowed_values_are_public() {
        let error = Reason::Variant(&["PENDIENTE", "ANULADO"]).about("estado".into());
        assert_eq!(error.sentence(Language::Es), "estado: debe ser uno de: PENDIENTE, ANULADO");
        assert_eq!(error.sentence(Language::En), "estado: must be one of: PENDIENTE, ANULADO");
    }

    #[test]
    fn a_librarys_expectation_becomes_a_kind_or_nothing() {
        assert_eq!(Kind::of_expectation("u64"), Some(Kind::Integer));
        assert_eq!(Kind::of_expectation("struct PagoRequest with 3 elements"), Some(Kind::Object));
        assert_eq!(Kind::of_expectation("an RFC 3339 timestamp"), None);
    }
}
