//! The grammar of an amount, and what somebody else's engines make of it.

use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use regex::Regex;
use rust_decimal::Decimal;

use super::{Monto, PositiveMonto};

fn from_json(json: &str) -> Option<String> {
    serde_json::from_str::<PositiveMonto>(json).ok().map(|monto| monto.to_string())
}

#[test]
fn strings_and_numbers_are_read_by_their_text() {
    for json in ["\"100.50\"", "\"100.5\"", "100.50", "100.5", "\"\\u0031\\u00300.5\""] {
        assert_eq!(from_json(json).as_deref(), Some("100.50"), "{json}");
    }
    assert_eq!(from_json("\"100\"").as_deref(), Some("100.00"));
    assert_eq!(from_json("\"0.01\"").as_deref(), Some("0.01"));
    assert_eq!(from_json("99999999.99").as_deref(), Some("99999999.99"));
}

const REFUSED_JSON: &[&str] = &[
    "true",
    "null",
    "[]",
    "{}",
    "[\"100\"]",
    "{\"$numberDecimal\":\"1\"}",
    "\"\\ud800\"",
    "1e400",
    "1e2",
    "1e-7",
    "1E2",
    "-0",
    "-0.0",
    "-1",
    "0",
    "0.00",
    "\"0\"",
    "\"-1\"",
    "100.5000000000000001",
    "0.30000000000000004",
    "9007199254740993.0",
    "100000000",
];

#[test]
fn no_other_json_is_an_amount() {
    for json in REFUSED_JSON {
        let error = serde_json::from_str::<PositiveMonto>(json).unwrap_err();
        let [es, _] = standards_core::validation::reason(&error).unwrap();
        assert!(es.starts_with("debe ser un monto mayor que cero"), "{json}: {es}");
    }
}

const REFUSED_TEXTS: &[&str] = &[
    "-0",
    "-0.00",
    "-0.01",
    "100.505",
    "0.001",
    "100.500",
    "100000000.00",
    "99999999.995",
    "1000000000000000000000000000",
    "1e2",
    "1E+2",
    "1e-2",
    "1e400",
    "NaN",
    "nan",
    "sNaN",
    "Infinity",
    "-inf",
    "1_000",
    "1__0",
    "_1",
    " 100",
    "100 ",
    "100\n",
    "\u{a0}100",
    "100\0",
    "１００",
    "١٠٠",
    "1٠0",
    "𝟙𝟘",
    "1,000.00",
    "100,50",
    "1.000,50",
    "$100",
    "100 CLP",
    "0x64",
    "0b1",
    "1/3",
    "+100",
    ".5",
    "5.",
    "00100.00",
    "00",
    "-",
    ".",
    "",
    "1.2.3",
    "1..2",
];

#[test]
fn no_other_text_is_an_amount() {
    for text in REFUSED_TEXTS {
        assert!(text.parse::<Monto>().is_err(), "{text:?}");
    }
    assert!("9".repeat(1_000_000).parse::<Monto>().is_err());
}

#[test]
fn sums_and_differences_stay_in_range() {
    let centavo = Monto::from_centavos(1).unwrap();
    assert_eq!(Monto::MAX.checked_add(centavo), None);
    assert_eq!(Monto::ZERO.checked_sub(centavo), None);
    assert_eq!(Monto::MAX.checked_sub(Monto::MAX), Some(Monto::ZERO));
    assert_eq!(Monto::from_centavos(-1), None);
    assert_eq!(Monto::from_centavos(Monto::MAX.centavos() + 1), None);
}

#[test]
fn decimals_that_are_no_amounts_are_refused() {
    for text in ["-0.01", "0.001", "99999999.995", "100000000", "79228162514264337593543950335", "-79228162514264337593543950335"]
    {
        let refused = Monto::try_from(text.parse::<Decimal>().unwrap()).unwrap_err();
        assert!(refused.es.starts_with("debe ser un monto entre 0.00 y 99999999.99"), "{text}");
    }
    for (text, centavos) in [("1.500", 150), ("-0.00", 0), ("99999999.99000", 9_999_999_999), ("1e7", 1_000_000_000)] {
        let decimal = Decimal::from_scientific(text).or_else(|_| text.parse()).unwrap();
        assert_eq!(Monto::try_from(decimal).unwrap().centavos(), centavos, "{text}");
    }
}

/// The grammar of the contract, read by somebody else's engine.
fn oracle() -> Regex {
    Regex::new(r"\A(0|[1-9][0-9]{0,7})(\.[0-9]{1,2})?\z").unwrap()
}

proptest! {
    #[test]
    fn every_amount_survives_writing_and_reading(centavos in 0_i64..=9_999_999_999) {
        let monto = Monto::from_centavos(centavos).unwrap();
        prop_assert_eq!(monto.to_string().parse::<Monto>(), Ok(monto));
        let json = serde_json::to_string(&monto).unwrap();
        prop_assert_eq!(serde_json::from_str::<Monto>(&json).unwrap(), monto);
    }

    #[test]
    fn an_amount_is_the_decimal_of_the_same_text(centavos in 0_i64..=9_999_999_999) {
        let monto = Monto::from_centavos(centavos).unwrap();
        let decimal = Decimal::from_str_exact(&monto.to_string()).unwrap();
        prop_assert_eq!(Decimal::from(monto), decimal);
        prop_assert_eq!(monto.to_string(), decimal.to_string());
        prop_assert_eq!(decimal.normalize().to_string().parse::<Monto>(), Ok(monto));
    }

    #[test]
    fn what_is_read_of_a_text_is_what_a_decimal_reads_of_it(text in r"[0-9]{1,9}(\.[0-9]{1,3})?") {
        if let Ok(monto) = text.parse::<Monto>() {
            prop_assert_eq!(Ok(Decimal::from(monto)), Decimal::from_str_exact(&text));
        }
    }

    #[test]
    fn sums_and_differences_are_those_of_decimals(one in 0_i64..=9_999_999_999, other in 0_i64..=9_999_999_999) {
        let [one, other] = [one, other].map(|centavos| Monto::from_centavos(centavos).unwrap());
        let (sum, difference) = (Decimal::from(one) + Decimal::from(other), Decimal::from(one) - Decimal::from(other));
        prop_assert_eq!(one.checked_add(other), Monto::try_from(sum).ok());
        prop_assert_eq!(one.checked_sub(other), Monto::try_from(difference).ok());
        prop_assert_eq!(one.checked_add(other).map(Decimal::from), Some(sum).filter(|sum| *sum <= Monto::MAX.into()));
        prop_assert_eq!(one.checked_sub(other).map(Decimal::from), Some(difference).filter(|rest| *rest >= Decimal::ZERO));
    }

    #[test]
    fn a_decimal_is_an_amount_exactly_when_it_is_one_of_whole_hundredths(mantissa in any::<i64>(), scale in 0_u32..=28) {
        let decimal = Decimal::new(mantissa, scale);
        let is_monto = (Decimal::ZERO..=Monto::MAX.into()).contains(&decimal) && decimal.round_dp(2) == decimal;
        prop_assert_eq!(Monto::try_from(decimal).is_ok(), is_monto);
        prop_assert!(Monto::try_from(decimal).is_ok_and(|monto| Decimal::from(monto) == decimal) || !is_monto);
    }

    #[test]
    fn any_text_is_accepted_exactly_when_the_grammar_says_so(text in any::<String>()) {
        prop_assert_eq!(text.parse::<Monto>().is_ok(), oracle().is_match(&text));
    }

    #[test]
    fn near_misses_are_accepted_exactly_when_the_grammar_says_so(
        text in r"[+\- ]?[0-9]{0,10}[.,eE_]?[0-9]{0,4}[\n0e１]?"
    ) {
        prop_assert_eq!(text.parse::<Monto>().is_ok(), oracle().is_match(&text));
    }

    #[test]
    fn numbers_in_json_are_accepted_by_the_same_grammar(
        number in r"-?(0|[1-9][0-9]{0,9})(\.[0-9]{1,4})?([eE][+-]?[0-9]{1,2})?"
    ) {
        prop_assert_eq!(serde_json::from_str::<Monto>(&number).is_ok(), oracle().is_match(&number));
    }
}
