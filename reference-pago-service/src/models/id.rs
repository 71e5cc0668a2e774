//! Identifiers: 64-bit, positive, given by the database.

use super::input::bounded_integer;

bounded_integer! {
    /// The identifier of a cliente: in JSON an integer >= 1, in a path its decimal digits.
    number ClienteId(1..=i64::MAX), "debe ser un entero mayor que cero", "must be an integer greater than zero"
}

bounded_integer! {
    /// The identifier of a pago: in JSON an integer >= 1, in a path its decimal digits.
    number PagoId(1..=i64::MAX), "debe ser un entero mayor que cero", "must be an integer greater than zero"
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
