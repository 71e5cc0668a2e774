//! How a value is read from JSON, and from the text of a path or a query.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use standards_core::Text;
use standards_core::validation::{is_integer, reject};

/// Why a value was refused, to be read after the name of the field (`debe ser ...`): never the value itself, never the name of a
/// type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.es)]
pub struct Rejected(pub Text);

impl Rejected {
    /// This reason as the error of a deserializer.
    #[must_use]
    pub fn into_error<E: Error>(self) -> E {
        reject(self.0)
    }
}

/// A value that says for itself which kinds of input it accepts; every other kind is refused
/// with its own reason, so that no client reads serde's sentence.
pub(super) trait Input: Sized {
    /// What a value of another kind (`null`, an array, ...) is answered.
    const REJECTED: Rejected;

    /// Read a text; refused unless a type says otherwise.
    fn from_text(_text: &str) -> Result<Self, Rejected> {
        Err(Self::REJECTED)
    }

    /// Read an integer; refused unless a type says otherwise.
    fn from_integer(_integer: i64) -> Result<Self, Rejected> {
        Err(Self::REJECTED)
    }
}

/// Read an [`Input`] from whatever the deserializer holds.
pub(super) fn read<'de, T: Input, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_any(InputVisitor(PhantomData))
}

struct InputVisitor<T>(PhantomData<T>);

impl<'de, T: Input> Visitor<'de> for InputVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::REJECTED.0.en)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        T::from_text(text).map_err(Rejected::into_error)
    }

    fn visit_i64<E: Error>(self, integer: i64) -> Result<T, E> {
        T::from_integer(integer).map_err(Rejected::into_error)
    }

    fn visit_u64<E: Error>(self, integer: u64) -> Result<T, E> {
        match i64::try_from(integer) {
            Ok(integer) => self.visit_i64(integer),
            Err(_) => Err(T::REJECTED.into_error()),
        }
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<T, E> {
        Err(T::REJECTED.into_error())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<T, E> {
        Err(T::REJECTED.into_error())
    }

    fn visit_unit<E: Error>(self) -> Result<T, E> {
        Err(T::REJECTED.into_error())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<T, A::Error> {
        Err(T::REJECTED.into_error())
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<T, A::Error> {
        Err(T::REJECTED.into_error())
    }
}

/// A value read from the text of a path segment or of a query parameter.
///
/// In JSON an id must be a number; in a path it is text. This wrapper reads the text by the
/// type's own grammar ([`FromStr`]), so that `+1`, `01` and `１` are refused where a library's
/// integer parser would take them.
///
/// # Example
///
/// ```
/// use reference_pago_service::models::{FromText, PagoId};
/// let FromText(id) = serde_json::from_str::<FromText<PagoId>>("\"7\"")?;
/// assert_eq!(id.get(), 7);
/// assert!(serde_json::from_str::<FromText<PagoId>>("\"+7\"").is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FromText<T>(pub T);

impl<'de, T: FromStr<Err = Rejected>> Deserialize<'de> for FromText<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor(PhantomData))
    }
}

struct TextVisitor<T>(PhantomData<T>);

impl<T: FromStr<Err = Rejected>> Visitor<'_> for TextVisitor<T> {
    type Value = FromText<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<FromText<T>, E> {
        text.parse().map(FromText).map_err(Rejected::into_error)
    }
}

/// The integer written as `0|[1-9][0-9]*`, and nothing else, when it fits in 64 bits.
pub(super) fn parse_integer(text: &str) -> Option<i64> {
    if is_integer(text) && !text.starts_with('-') { text.parse().ok() } else { None }
}

/// Defines an integer that lies in a range, which JSON gives as a number: an id.
macro_rules! bounded_integer {
    ($(#[$meta:meta])* number $name:ident($range:expr), $es:literal, $en:literal) => {
        $crate::models::input::bounded_integer! { @type $(#[$meta])* $name($range), $es, $en }

        impl $crate::models::input::Input for $name {
            const REJECTED: $crate::models::Rejected = Self::REJECTED;

            fn from_integer(integer: i64) -> Result<Self, $crate::models::Rejected> {
                Self::new(integer).ok_or(Self::REJECTED)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_i64(self.0)
            }
        }

        impl standards_core::log::ToValue for $name {
            fn to_value(&self) -> standards_core::log::Value {
                standards_core::log::Value::I64(self.0)
            }
        }
    };
    (@type $(#[$meta:meta])* $name:ident($range:expr), $es:literal, $en:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            const REJECTED: $crate::models::Rejected = $crate::models::Rejected(standards_core::Text::new($es, $en));

            /// The value, or `None` outside the range.
            #[must_use]
            pub fn new(value: i64) -> Option<Self> {
                ($range).contains(&value).then_some(Self(value))
            }

            /// The integer itself.
            #[must_use]
            pub fn get(self) -> i64 {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::models::Rejected;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::models::input::parse_integer(text).and_then(Self::new).ok_or(Self::REJECTED)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::models::input::read(deserializer)
            }
        }
    };
}
pub(super) use bounded_integer;

#[cfg(test)]
mod tests {
    use super::parse_integer;

    const REFUSED: &[&str] = &[
        "",
        "-",
        "-1",
        "+1",
        "01",
        "00",
        "1.0",
        "1e3",
        "0x1",
        " 1",
        "1 ",
        "1_0",
        "１",
        "1\u{0}",
        "abc",
        "9223372036854775808",
        "99999999999999999999",
    ];

    #[test]
    fn only_canonical_integers_are_read() {
        for (text, value) in [("0", 0), ("7", 7), ("9223372036854775807", i64::MAX)] {
            assert_eq!(parse_integer(text), Some(value), "{text}");
        }
        for text in REFUSED {
            assert_eq!(parse_integer(text), None, "{text}");
        }
    }
}
