//! Identifiers: 64-bit, positive, given by the database.

use serde::{Serialize, Serializer};
use standards_core::log::{ToValue, Value};

use super::Rejected;
use super::input::{Input, bounded_integer};

bounded_integer! {
    /// The identifier of a cliente: in JSON an integer >= 1, in a path its decimal digits.
    ClienteId(1..=i64::MAX), "debe ser un entero mayor que cero", "must be an integer greater than zero"
}

bounded_integer! {
    /// The identifier of a pago: in JSON an integer >= 1, in a path its decimal digits.
    PagoId(1..=i64::MAX), "debe ser un entero mayor que cero", "must be an integer greater than zero"
}

impl Input for ClienteId {
    const REJECTED: Rejected = Self::REJECTED;

    fn from_integer(integer: i64) -> Result<Self, Rejected> {
        Self::new(integer).ok_or(Self::REJECTED)
    }
}

impl Input for PagoId {
    const REJECTED: Rejected = Self::REJECTED;

    fn from_integer(integer: i64) -> Result<Self, Rejected> {
        Self::new(integer).ok_or(Self::REJECTED)
    }
}

impl Serialize for ClienteId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.get())
    }
}

impl Serialize for PagoId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.get())
    }
}

impl ToValue for ClienteId {
    fn to_value(&self) -> Value {
        Value::I64(self.get())
    }
}

impl ToValue for PagoId {
    fn to_value(&self) -> Value {
        Value::I64(self.get())
    }
}

#[cfg(test)]
mod tests {
    use super::{ClienteId, PagoId};

    #[test]
    fn json_integers_from_one_are_ids() {
        for id in [1, 2_147_483_648, i64::MAX] {
            let json = id.to_string();
            assert_eq!(serde_json::from_str::<ClienteId>(&json).unwrap().get(), id);
            assert_eq!(serde_json::to_string(&PagoId::new(id).unwrap()).unwrap(), json);
        }
    }

    const REFUSED_JSON: &[&str] = &[
        "0",
        "-0",
        "-1",
        "-2147483648",
        "9223372036854775808",
        "1e30",
        "1.0",
        "1.5",
        "1e0",
        "\"1\"",
        "true",
        "null",
        "[]",
        "[1]",
        "{}",
        "{\"id\":1}",
    ];

    #[test]
    fn nothing_else_in_json_is_an_id() {
        for json in REFUSED_JSON {
            let error = serde_json::from_str::<ClienteId>(json).unwrap_err();
            let [es, _] = standards_core::validation::reason(&error).unwrap();
            assert!(es.starts_with("debe ser un entero mayor que cero"), "{json}: {es}");
        }
    }

    #[test]
    fn the_text_of_a_path_is_an_id_only_in_its_canonical_form() {
        assert_eq!("42".parse::<PagoId>().unwrap().get(), 42);
        for text in ["0", "-1", "+1", "01", "1.5", "abc", "１", "1\0", "1e3", "0x1"] {
            assert!(text.parse::<PagoId>().is_err(), "{text}");
        }
    }
}
