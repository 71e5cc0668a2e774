//! Currency.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use standards_core::log::{ToValue, Value};

use super::Rejected;
use super::input::{self, Input};

const REJECTED: Rejected = Rejected {
    es: "debe ser un código de moneda de tres letras mayúsculas",
    en: "must be a currency code of three capital letters",
};

/// The code of a currency, `[A-Z]{3}` (ISO 4217's form); `CLP` by default.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Moneda([u8; 3]);

impl Moneda {
    /// The Chilean peso.
    pub const CLP: Self = Self(*b"CLP");

    /// The three letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Never empty: the only way in lets capital letters pass.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl Default for Moneda {
    fn default() -> Self {
        Self::CLP
    }
}

impl FromStr for Moneda {
    type Err = Rejected;

    fn from_str(text: &str) -> Result<Self, Rejected> {
        match *text.as_bytes() {
            [a @ b'A'..=b'Z', b @ b'A'..=b'Z', c @ b'A'..=b'Z'] => Ok(Self([a, b, c])),
            _ => Err(REJECTED),
        }
    }
}

impl fmt::Display for Moneda {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Moneda {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Moneda {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Input for Moneda {
    const REJECTED: Rejected = REJECTED;

    fn from_text(text: &str) -> Result<Self, Rejected> {
        text.parse()
    }
}

impl<'de> Deserialize<'de> for Moneda {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        input::read(deserializer)
    }
}

impl ToValue for Moneda {
    fn to_value(&self) -> Value {
        Value::Str(self.as_str().to_owned().into())
    }
}

#[cfg(test)]
mod tests {
    use super::Moneda;

    #[test]
    fn three_capital_letters_are_a_currency() {
        assert_eq!("USD".parse::<Moneda>().unwrap().to_string(), "USD");
        assert_eq!(Moneda::default().as_str(), "CLP");
        assert_eq!(serde_json::to_string(&Moneda::CLP).unwrap(), "\"CLP\"");
    }

    const REFUSED: &[&str] = &["clp", "CL", "CLPX", "", "CLP\n", "\nCLP", "CLP\0", "ＣＬＰ", "СLP", "C1P"];

    #[test]
    fn nothing_else_is() {
        for text in REFUSED {
            assert!(text.parse::<Moneda>().is_err(), "{text:?}");
        }
        for json in ["null", "123", "[\"CLP\"]", "true", "{}", "1.5", "-1"] {
            let error = serde_json::from_str::<Moneda>(json).unwrap_err();
            let [es, _] = standards_core::validation::reason(&error).unwrap();
            assert!(es.starts_with("debe ser un código de moneda"), "{json}: {es}");
        }
    }
}
