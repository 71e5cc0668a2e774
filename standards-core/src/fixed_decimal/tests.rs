//! The grammar of a decimal, and its exactness against wider numbers.

use proptest::prelude::{any, prop_assert_eq, proptest};
use regex_lite::Regex;
use serde::Deserialize;

use super::FixedDecimal;
use crate::validation;

type Cantidad = FixedDecimal<3, 1, 999_999_999>;
type Saldo = FixedDecimal<2, -100_000, 100_000>;
type Bultos = FixedDecimal<0, 0, 50>;
type Decimo = FixedDecimal<1, 0, 10>;
type Any = FixedDecimal<9, { i64::MIN }, { i64::MAX }>;
type Finest = FixedDecimal<18, { i64::MIN }, { i64::MAX }>;

const MALFORMED: &[&str] = &[
    "", ".", "-", "-1", "+1", ".5", "5.", "01", "00", "1e2", "1E2", "1_000", " 1", "1 ", "1\n", "1,5", "1.2.3", "1..2", "0x1",
    "NaN", "inf", "1.2345", "1.0000", "１", "١", "1\0", "\u{a0}1", "-0.001", "1.-5", "1.+5", "--1",
];

#[test]
fn no_other_text_is_a_decimal() {
    for text in MALFORMED {
        let [es, en] = text.parse::<Cantidad>().unwrap_err().reason();
        assert_eq!(es, "debe ser un número entre 0.001 y 999999.999, con hasta 3 decimales", "{text:?}");
        assert_eq!(en, "must be a number between 0.001 and 999999.999, with at most 3 decimals");
    }
}

#[test]
fn a_number_outside_the_range_is_told_the_bounds() {
    let long = "9".repeat(100_000);
    for text in ["0", "0.000", "1000000", "1000000.000", &long] {
        let [es, en] = text.parse::<Cantidad>().unwrap_err().reason();
        assert_eq!((es.as_str(), en.as_str()), ("debe estar entre 0.001 y 999999.999", "must be between 0.001 and 999999.999"));
    }
    assert_eq!("-1000.01".parse::<Saldo>().unwrap_err().to_string(), "debe estar entre -1000.00 y 1000.00");
    assert_eq!("51".parse::<Bultos>().unwrap_err().to_string(), "debe estar entre 0 y 50");
    assert_eq!("1.0".parse::<Bultos>().unwrap_err().to_string(), "debe ser un número entero entre 0 y 50");
    assert_eq!("0.55".parse::<Decimo>().unwrap_err().to_string(), "debe ser un número entre 0.0 y 1.0, con hasta un decimal");
}

#[test]
fn a_decimal_is_written_with_all_its_places() {
    for (text, written) in [("2.5", "2.500"), ("0.001", "0.001"), ("999999.999", "999999.999"), ("7", "7.000")] {
        assert_eq!(text.parse::<Cantidad>().unwrap().to_string(), written);
    }
    for (text, written) in [("-0.5", "-0.50"), ("-0", "0.00"), ("-0.00", "0.00"), ("-1000", "-1000.00"), ("0", "0.00")] {
        assert_eq!(text.parse::<Saldo>().unwrap().to_string(), written);
    }
    assert_eq!(Bultos::MAX.to_string(), "50");
    assert_eq!(format!("{:>8}|{:<8}|{:+.1}", Decimo::MAX, Decimo::MAX, Decimo::MAX), "     1.0|1.0     |+1.0");
    assert_eq!(Finest::MIN.to_string(), "-9.223372036854775808");
    assert_eq!(Finest::MAX.to_string(), "9.223372036854775807");
    assert_eq!((Saldo::default(), Saldo::ZERO.units()), (Saldo::ZERO, 0));
}

#[test]
fn json_is_read_by_its_text() {
    for json in ["2.5", "\"2.5\"", "2.500", "\"\\u0032.5\"", " 2.5 "] {
        assert_eq!(serde_json::from_str::<Cantidad>(json).unwrap().units(), 2_500, "{json}");
    }
    let value: serde_json::Value = serde_json::from_str("[2.5, \"2.5\", 3]").unwrap();
    let read: Vec<Cantidad> = serde_json::from_value(value).unwrap();
    assert_eq!(read.iter().map(|cantidad| cantidad.units()).collect::<Vec<_>>(), [2_500, 2_500, 3_000]);
    assert_eq!(serde_json::from_reader::<_, Cantidad>("0.1".as_bytes()).unwrap().units(), 100);
}

const REFUSED_JSON: &[&str] =
    &["true", "null", "[]", "[1]", "{}", "{\"a\":1}", "1e2", "-1", "0.30000000000000004", "\"\\ud800\"", "\"1\\n\"", "\"\\\"\""];

#[test]
fn no_other_json_is_a_decimal() {
    for json in REFUSED_JSON {
        let error = serde_json::from_str::<Cantidad>(json).unwrap_err();
        let [es, _] = validation::reason(&error).unwrap_or_default();
        assert!(es.starts_with("debe ser un número entre 0.001"), "{json}: {error}");
    }
    let raw = r#"{"$serde_json::private::RawValue":"1"}"#;
    assert!(serde_json::from_str::<Cantidad>(raw).is_err());
    assert!(serde_json::from_str::<Flat>(&format!(r#"{{"cantidad":{raw}}}"#)).is_err());
}

#[derive(Debug, Deserialize)]
struct Flat {
    #[serde(flatten)]
    linea: Linea,
}

#[derive(Debug, Deserialize)]
struct Linea {
    cantidad: Cantidad,
}

#[test]
fn where_serde_keeps_no_text_a_float_is_refused() {
    for json in ["\"2.5\"", "2"] {
        let flat: Flat = serde_json::from_str(&format!("{{\"cantidad\":{json}}}")).unwrap();
        assert!(flat.linea.cantidad.units() > 0, "{json}");
    }
    for json in ["2.5", "null", "true", "[2]", "{}", "-2"] {
        let error = serde_json::from_str::<Flat>(&format!("{{\"cantidad\":{json}}}")).unwrap_err();
        assert!(validation::reason(&error).is_some(), "{json}: {error}");
    }
}

/// The grammar, read by somebody else's engine.
fn is_grammatical(text: &str) -> bool {
    Regex::new(r"\A-?(0|[1-9][0-9]*)(\.[0-9]{1,9})?\z").unwrap().is_match(text)
}

proptest! {
    #[test]
    fn every_decimal_survives_writing_and_reading(units in any::<i64>()) {
        let fixed = Any::from_units(units).unwrap();
        prop_assert_eq!(fixed.to_string().parse::<Any>(), Ok(fixed));
        let json = serde_json::to_string(&fixed).unwrap();
        prop_assert_eq!(serde_json::from_str::<Any>(&json).unwrap(), fixed);
        let number = json.trim_matches('"');
        prop_assert_eq!(serde_json::from_str::<Any>(number).unwrap(), fixed);
        let finest = Finest::from_units(units).unwrap();
        prop_assert_eq!(finest.to_string().parse::<Finest>(), Ok(finest));
    }

    #[test]
    fn what_is_read_is_what_integers_make_of_the_digits(whole in 0_i128..99_999_999_999, places in "[0-9]{1,9}", negative in any::<bool>()) {
        let sign = if negative { "-" } else { "" };
        let padded: i128 = format!("{places:0<9}").parse().unwrap();
        let units = (whole * 1_000_000_000 + padded) * if negative { -1 } else { 1 };
        let read = format!("{sign}{whole}.{places}").parse::<Any>().ok().map(|fixed| i128::from(fixed.units()));
        prop_assert_eq!(read, Some(units).filter(|units| i64::try_from(*units).is_ok()));
    }

    #[test]
    fn sums_and_differences_are_those_of_wider_integers(one in -100_000_i64..=100_000, other in -100_000_i64..=100_000) {
        let [a, b] = [one, other].map(|units| Saldo::from_units(units).unwrap());
        let within = |units: i64| (-100_000..=100_000).contains(&units).then_some(units);
        prop_assert_eq!(a.checked_add(b).map(Saldo::units), within(one + other));
        prop_assert_eq!(a.checked_sub(b).map(Saldo::units), within(one - other));
    }

    #[test]
    fn the_whole_range_of_an_integer_neither_overflows_nor_wraps(one in any::<i64>(), other in any::<i64>()) {
        let [a, b] = [one, other].map(|units| Any::from_units(units).unwrap());
        prop_assert_eq!(a.checked_add(b).map(Any::units), one.checked_add(other));
        prop_assert_eq!(a.checked_sub(b).map(Any::units), one.checked_sub(other));
    }

    #[test]
    fn a_text_is_read_exactly_when_the_grammar_says_so(text in r"[+\- ]?[0-9]{0,4}[.,eE_]?[0-9]{0,11}[\n0e１]?") {
        let malformed = text.parse::<Any>().is_err_and(|error| error.to_string().starts_with("debe ser"));
        prop_assert_eq!(!malformed, is_grammatical(&text));
    }
}

#[cfg(feature = "rust_decimal")]
mod decimals {
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
    use rust_decimal::Decimal;

    use super::{Any, Cantidad};

    #[test]
    fn a_decimal_that_does_not_fit_is_refused() {
        for text in ["0.0001", "0", "-1", "1000000", "79228162514264337593543950335", "-79228162514264337593543950335"] {
            assert!(Cantidad::try_from(text.parse::<Decimal>().unwrap()).is_err(), "{text}");
        }
        assert_eq!(Cantidad::try_from("1.50000".parse::<Decimal>().unwrap()).unwrap().units(), 1_500);
    }

    proptest! {
        #[test]
        fn a_decimal_comes_back_as_it_went(units in any::<i64>()) {
            let fixed = Any::from_units(units).unwrap();
            let decimal = Decimal::from(fixed);
            prop_assert_eq!(decimal.to_string(), fixed.to_string());
            prop_assert_eq!(Any::try_from(decimal), Ok(fixed));
        }

        #[test]
        fn a_decimal_fits_exactly_when_rounding_it_changes_nothing(mantissa in any::<i64>(), scale in 0_u32..=28) {
            let decimal = Decimal::new(mantissa, scale);
            let range = Decimal::from(Cantidad::MIN)..=Decimal::from(Cantidad::MAX);
            let fits = range.contains(&decimal) && decimal.round_dp(3) == decimal;
            prop_assert_eq!(Cantidad::try_from(decimal).is_ok(), fits);
            prop_assert!(Cantidad::try_from(decimal).is_ok_and(|fixed| Decimal::from(fixed) == decimal) || !fits);
        }
    }
}
