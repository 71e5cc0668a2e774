//! The state of a pago.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Rejected;
use super::input::{self, Input};

const REJECTED: Rejected =
    Rejected { es: "debe ser PENDIENTE, PROCESADO o ANULADO", en: "must be PENDIENTE, PROCESADO or ANULADO" };

/// The state of a pago. Only a `PROCESADO` one is debited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Estado {
    /// Noted, not debited.
    Pendiente,
    /// Debited.
    Procesado,
    /// Debited once, given back since.
    Anulado,
}

impl Estado {
    /// The name on the wire and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pendiente => "PENDIENTE",
            Self::Procesado => "PROCESADO",
            Self::Anulado => "ANULADO",
        }
    }
}

impl FromStr for Estado {
    type Err = Rejected;

    fn from_str(text: &str) -> Result<Self, Rejected> {
        [Self::Pendiente, Self::Procesado, Self::Anulado].into_iter().find(|estado| estado.as_str() == text).ok_or(REJECTED)
    }
}

impl fmt::Display for Estado {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Estado {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Input for Estado {
    const REJECTED: Rejected = REJECTED;

    fn from_text(text: &str) -> Result<Self, Rejected> {
        text.parse()
    }
}

impl<'de> Deserialize<'de> for Estado {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        input::read(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::Estado;

    #[test]
    fn the_three_names_are_read_and_written() {
        for nombre in ["PENDIENTE", "PROCESADO", "ANULADO"] {
            let json = format!("\"{nombre}\"");
            let estado: Estado = serde_json::from_str(&json).unwrap();
            assert_eq!(serde_json::to_string(&estado).unwrap(), json);
        }
    }

    #[test]
    fn any_other_text_is_refused() {
        for text in ["", "procesado", "PROCESADO ", "' OR 1=1--", "TODOS"] {
            assert!(text.parse::<Estado>().is_err(), "{text}");
        }
    }
}
