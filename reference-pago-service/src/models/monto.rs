//! Money: whole hundredths, never a float.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use standards_core::log::{ToValue, Value};

use super::Rejected;

const REJECTED: Rejected = Rejected {
    es: "debe ser un monto entre 0.00 y 99999999.99 con hasta dos decimales",
    en: "must be an amount from 0.00 to 99999999.99 with at most two decimals",
};

const REJECTED_POSITIVE: Rejected = Rejected {
    es: "debe ser un monto mayor que cero con hasta dos decimales",
    en: "must be an amount greater than zero with at most two decimals",
};

/// An amount of 0.00 to 99999999.99, exact to the hundredth (`centavo`).
///
/// As text it is `(0|[1-9][0-9]{0,7})(\.[0-9]{1,2})?`: no sign, exponent, underscore, space,
/// leading zero or digit of another script. In JSON it is read from a string or from a number
/// whose *text* is of that form, so that no float stands between the wire and the column, and it
/// is written as a string with two decimals.
///
/// # Example
///
/// ```
/// use reference_pago_service::models::Monto;
/// let monto: Monto = serde_json::from_str("100.5")?;
/// assert_eq!(monto.centavos(), 10_050);
/// assert_eq!(serde_json::to_string(&monto)?, "\"100.50\"");
/// assert!(serde_json::from_str::<Monto>("100.505").is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Example: reckoning beyond a payment
///
/// A rate or a total is reckoned as a [`Decimal`]; the way back is exact, and rounds nothing by itself.
///
/// ```
/// use reference_pago_service::models::Monto;
/// use rust_decimal::Decimal;
/// let monto: Monto = "100.50".parse().unwrap();
/// let comision = Decimal::from(monto) * Decimal::new(25, 3);
/// assert_eq!(comision.to_string(), "2.51250");
/// assert!(Monto::try_from(comision).is_err());
/// assert_eq!(Monto::try_from(comision.round_dp(2)).unwrap().to_string(), "2.51");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Monto(i64);

impl Monto {
    /// 0.00
    pub const ZERO: Self = Self(0);
    /// 99999999.99, the largest amount that `NUMERIC(10,2)` holds.
    pub const MAX: Self = Self(9_999_999_999);

    /// The amount of so many hundredths, or `None` if it is negative or above [`MAX`](Self::MAX).
    #[must_use]
    pub fn from_centavos(centavos: i64) -> Option<Self> {
        (0..=Self::MAX.0).contains(&centavos).then_some(Self(centavos))
    }

    /// The amount in hundredths.
    #[must_use]
    pub fn centavos(self) -> i64 {
        self.0
    }

    /// The sum, or `None` above [`MAX`](Self::MAX).
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Self::from_centavos(self.0 + other.0)
    }

    /// The difference, or `None` below [`ZERO`](Self::ZERO).
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        Self::from_centavos(self.0 - other.0)
    }
}

impl FromStr for Monto {
    type Err = Rejected;

    fn from_str(text: &str) -> Result<Self, Rejected> {
        parse(text).map(Self).ok_or(REJECTED)
    }
}

impl From<Monto> for Decimal {
    fn from(monto: Monto) -> Self {
        Self::new(monto.0, 2)
    }
}

impl TryFrom<Decimal> for Monto {
    type Error = Rejected;

    /// The same amount: `1.500` is 1.50.
    ///
    /// # Errors
    ///
    /// When it is negative, above [`MAX`](Self::MAX), or no whole number of hundredths.
    fn try_from(amount: Decimal) -> Result<Self, Rejected> {
        let exact = amount.normalize();
        let factor = 2_u32.checked_sub(exact.scale()).map(|zeros| 10_i128.pow(zeros));
        // A mantissa has 96 bits: a hundred times as much still fits.
        let centavos = factor.and_then(|factor| i64::try_from(exact.mantissa() * factor).ok());
        centavos.and_then(Self::from_centavos).ok_or(REJECTED)
    }
}

impl fmt::Display for Monto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl Serialize for Monto {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Monto {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        parse_json(json.get()).map(Self).ok_or_else(|| REJECTED.into_error())
    }
}

/// An amount greater than zero: what is paid or credited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PositiveMonto(Monto);

impl PositiveMonto {
    /// The amount, or `None` if it is zero.
    #[must_use]
    pub fn new(monto: Monto) -> Option<Self> {
        (monto > Monto::ZERO).then_some(Self(monto))
    }

    /// The amount itself.
    #[must_use]
    pub fn monto(self) -> Monto {
        self.0
    }

    /// The amount in hundredths.
    #[must_use]
    pub fn centavos(self) -> i64 {
        self.0.centavos()
    }
}

impl From<PositiveMonto> for Monto {
    fn from(positivo: PositiveMonto) -> Self {
        positivo.0
    }
}

impl FromStr for PositiveMonto {
    type Err = Rejected;

    fn from_str(text: &str) -> Result<Self, Rejected> {
        parse(text).map(Monto).and_then(Self::new).ok_or(REJECTED_POSITIVE)
    }
}

impl fmt::Display for PositiveMonto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for PositiveMonto {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PositiveMonto {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        let monto = parse_json(json.get()).map(Monto);
        monto.and_then(Self::new).ok_or_else(|| REJECTED_POSITIVE.into_error())
    }
}

/// Amounts are text in a log record (contract section 4).
impl ToValue for Monto {
    fn to_value(&self) -> Value {
        Value::Str(self.to_string().into())
    }
}

impl ToValue for PositiveMonto {
    fn to_value(&self) -> Value {
        self.monto().to_value()
    }
}

/// The hundredths of a JSON value: what stands in a string, or the text of a number. No other
/// JSON value begins with a digit, so the grammar itself refuses the rest.
fn parse_json(json: &str) -> Option<i64> {
    if json.starts_with('"') { parse(&serde_json::from_str::<Cow<'_, str>>(json).ok()?) } else { parse(json) }
}

fn parse(text: &str) -> Option<i64> {
    match text.split_once('.') {
        Some((units, decimals)) => Some(parse_units(units)? + parse_decimals(decimals)?),
        None => parse_units(text),
    }
}

/// `0|[1-9][0-9]{0,7}`, in hundredths.
fn parse_units(text: &str) -> Option<i64> {
    match text.as_bytes() {
        [b'0'] => Some(0),
        [b'1'..=b'9', rest @ ..] if rest.len() <= 7 => {
            text.bytes().try_fold(0, |sum, byte| Some(sum * 10 + digit(byte)?)).map(|units| units * 100)
        }
        _ => None,
    }
}

/// `[0-9]{1,2}`, in hundredths.
fn parse_decimals(text: &str) -> Option<i64> {
    match *text.as_bytes() {
        [tenths] => Some(digit(tenths)? * 10),
        [tenths, hundredths] => Some(digit(tenths)? * 10 + digit(hundredths)?),
        _ => None,
    }
}

fn digit(byte: u8) -> Option<i64> {
    byte.is_ascii_digit().then(|| i64::from(byte - b'0'))
}

#[cfg(test)]
mod tests {
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
        for text in
            ["-0.01", "0.001", "99999999.995", "100000000", "79228162514264337593543950335", "-79228162514264337593543950335"]
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
}
