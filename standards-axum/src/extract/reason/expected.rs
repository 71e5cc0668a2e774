//! What a type expects, by what its visitor says to serde: the forms of texts of well-known crates, and the bounds of integers.
//!
//! These words never reach a client. A crate that changes them loses its sentence, not its refusal: what is not known is `no es válido`.

/// A form of text that a well-known type is read from.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::extract) struct Form {
    /// How the visitor's words begin.
    expecting: &'static str,
    /// A text of this form.
    pub(in crate::extract) sample: &'static str,
    pub(super) sentence: [&'static str; 2],
}

const fn form(expecting: &'static str, sample: &'static str, sentence: [&'static str; 2]) -> Form {
    Form { expecting, sample, sentence }
}

const DATE: [&str; 2] = ["debe ser una fecha AAAA-MM-DD", "must be a date YYYY-MM-DD"];
const INSTANT: [&str; 2] =
    ["debe ser un instante RFC 3339, como 2025-07-04T10:30:45Z", "must be an RFC 3339 instant, such as 2025-07-04T10:30:45Z"];
const SPACED_INSTANT: [&str; 2] =
    ["debe ser un instante como 2025-07-04 10:30:45.0 +00:00:00", "must be an instant such as 2025-07-04 10:30:45.0 +00:00:00"];
const LOCAL: [&str; 2] =
    ["debe ser fecha y hora, como 2025-07-04T10:30:45", "must be a date and time, such as 2025-07-04T10:30:45"];
const SPACED_LOCAL: [&str; 2] =
    ["debe ser fecha y hora, como 2025-07-04 10:30:45.0", "must be a date and time, such as 2025-07-04 10:30:45.0"];
const TIME: [&str; 2] = ["debe ser una hora HH:MM:SS", "must be a time HH:MM:SS"];
const UUID: [&str; 2] = ["debe ser un UUID", "must be a UUID"];
const DECIMAL: [&str; 2] = ["debe ser un número decimal", "must be a decimal number"];
const UNIX: [&str; 2] = ["debe ser un instante Unix, un número entero", "must be a Unix timestamp, an integer"];
const SOCKET: [&str; 2] = ["debe ser una dirección IP con puerto", "must be an IP address with a port"];

/// Longer beginnings stand before shorter ones.
const FORMS: &[Form] = &[
    // chrono; `Timestamp` of standards-core says the same of its form.
    form("a formatted date string", "2000-01-01", DATE),
    form("an RFC 3339 formatted date and time string", "2000-01-01T00:00:00Z", INSTANT),
    form("a formatted date and time string", "2000-01-01T00:00:00", LOCAL),
    form("a formatted time string", "00:00:00", TIME),
    form("a unix timestamp", "0", UNIX),
    // time
    form("a `Date`", "2000-01-01", DATE),
    form("an RFC3339-formatted", "2000-01-01T00:00:00Z", INSTANT),
    form("an `OffsetDateTime`", "2000-01-01 00:00:00.0 +00:00:00", SPACED_INSTANT),
    form("a `UtcDateTime`", "2000-01-01 00:00:00.0", SPACED_LOCAL),
    form("a `PlainDateTime`", "2000-01-01 00:00:00.0", SPACED_LOCAL),
    form("a `PrimitiveDateTime`", "2000-01-01 00:00:00.0", SPACED_LOCAL),
    form("a `Time`", "00:00:00.0", ["debe ser una hora HH:MM:SS.d", "must be a time HH:MM:SS.d"]),
    // uuid
    form("a formatted UUID string", "00000000-0000-4000-8000-000000000000", UUID),
    form("a UUID string", "00000000-0000-4000-8000-000000000000", UUID),
    // rust_decimal
    form("a Decimal type representing a fixed-point number", "1", DECIMAL),
    form("string containing a decimal", "1", DECIMAL),
    // std
    form("IP address", "127.0.0.1", ["debe ser una dirección IP", "must be an IP address"]),
    form("IPv4 address", "127.0.0.1", ["debe ser una dirección IPv4", "must be an IPv4 address"]),
    form("IPv6 address", "::1", ["debe ser una dirección IPv6", "must be an IPv6 address"]),
    form("socket address", "127.0.0.1:80", SOCKET),
    form("IPv4 socket address", "127.0.0.1:80", SOCKET),
    form("IPv6 socket address", "[::1]:80", SOCKET),
    form("a character", "a", ["debe ser un solo carácter", "must be a single character"]),
];

impl Form {
    /// The form that a visitor expects which says so.
    pub(in crate::extract) fn of(expecting: &str) -> Option<&'static Self> {
        FORMS.iter().find(|form| expecting.starts_with(form.expecting))
    }
}

/// The smallest and the largest value of a type of integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::extract) struct Bounds {
    min: i128,
    max: u128,
}

macro_rules! bounds {
    ($($integer:ident)+) => {
        [$((stringify!($integer), Bounds { min: $integer::MIN as i128, max: $integer::MAX as u128 })),+]
    };
}

#[expect(clippy::cast_possible_wrap, reason = "a smallest value is at most zero, a largest above it")]
const INTEGERS: [(&str, Bounds); 12] = bounds!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

impl Bounds {
    /// Those of the integer that a visitor expects which says so; an unsigned one that is not zero begins with one.
    pub(in crate::extract) fn of(expecting: &str) -> Option<Self> {
        let bounds = |name: &str| INTEGERS.iter().find(|(integer, _)| *integer == name).map(|(_, bounds)| *bounds);
        match expecting.strip_prefix("a nonzero ") {
            Some(name) => bounds(name).filter(|bounds| bounds.min == 0).map(|bounds| Self { min: 1, ..bounds }),
            None => bounds(expecting),
        }
    }

    pub(super) fn sentence(self) -> [String; 2] {
        let Self { min, max } = self;
        [format!("debe estar entre {min} y {max}"), format!("must be between {min} and {max}")]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_is_known_by_its_name() {
        assert_eq!(Bounds::of("u8").unwrap().sentence()[0], "debe estar entre 0 y 255");
        assert_eq!(Bounds::of("i8").unwrap().sentence()[1], "must be between -128 and 127");
        assert_eq!(Bounds::of("a nonzero u16").unwrap().sentence()[0], "debe estar entre 1 y 65535");
        assert_eq!((Bounds::of("a nonzero i16"), Bounds::of("f64")), (None, None));
    }

    #[test]
    fn no_form_hides_another() {
        for form in FORMS {
            assert_eq!(Form::of(form.expecting), Some(form), "{}", form.expecting);
        }
    }
}
