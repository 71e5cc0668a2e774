//! Values of a record's `context`.
//!
//! A field's value goes the same walk wherever it comes from:
//!
//! 1. A type of the service says its one form through [`ToValue`]; numbers, texts, lists and `Option` have theirs here.
//! 2. What is only known to `serde` is read into a [`Value`] by `from_serialize`, and gathered within bounds.
//! 3. The line writes it (`log::line`), masked where its name or its shape says so.

pub(crate) mod bounded;
mod foreign;
mod from_serialize;
mod gathered;

use std::borrow::Cow;

use serde::ser::{Serialize, Serializer};

/// A typed value: what stands in `context` is a JSON number, boolean or text as its type says, never a number in quotes by accident.
///
/// Made `From` whatever implements [`ToValue`], or from any `Serialize` with [`Value::of`].
///
/// ```
/// use standards_core::log::Value;
///
/// assert_eq!(Value::from(123_u32), Value::U64(123));
/// assert_eq!(Value::from("CLP"), Value::Str("CLP".into()));
/// assert_eq!(Value::from(None::<i64>), Value::Null);
/// let amounts = Value::from(vec!["100.50", "0.00"]);
/// assert_eq!(serde_json::to_string(&amounts)?, r#"["100.50","0.00"]"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A signed number.
    I64(i64),
    /// An unsigned number.
    U64(u64),
    /// A floating-point number; `null` when it is not finite.
    F64(f64),
    /// Text.
    Str(Cow<'static, str>),
    /// A list.
    List(Vec<Value>),
    /// An object; its keys keep their order.
    Map(Vec<(Cow<'static, str>, Value)>),
}

/// What can stand in a record's `context`. Implemented by a service's own types (`Monto`), so that each has one form everywhere.
///
/// ```
/// use standards_core::log::{LogLevel, Record, ToValue, Value};
///
/// /// Hundredths, shown as the guideline shows amounts: a text with two decimals.
/// struct Monto(i64);
///
/// impl ToValue for Monto {
///     fn to_value(&self) -> Value {
///         Value::Str(format!("{}.{:02}", self.0 / 100, self.0 % 100).into())
///     }
/// }
///
/// assert_eq!(Monto(10_050).to_value(), Value::from("100.50"));
/// Record::new(LogLevel::Info, "Pago procesado exitosamente").field("monto", Monto(10_050)).emit();
/// ```
pub trait ToValue {
    /// The value as the record shows it.
    fn to_value(&self) -> Value;
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::I64(value) => serializer.serialize_i64(*value),
            Self::U64(value) => serializer.serialize_u64(*value),
            Self::F64(value) => serializer.serialize_f64(*value),
            Self::Str(value) => serializer.serialize_str(value),
            Self::List(values) => serializer.collect_seq(values),
            Self::Map(entries) => serializer.collect_map(entries.iter().map(|(key, value)| (key, value))),
        }
    }
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, ToValue::to_value)
    }
}

impl<T: ToValue> ToValue for [T] {
    fn to_value(&self) -> Value {
        Value::List(self.iter().map(ToValue::to_value).collect())
    }
}

impl<T: ToValue> ToValue for Vec<T> {
    fn to_value(&self) -> Value {
        self.as_slice().to_value()
    }
}

impl ToValue for str {
    fn to_value(&self) -> Value {
        Value::Str(Cow::Owned(self.to_owned()))
    }
}

impl ToValue for String {
    fn to_value(&self) -> Value {
        self.as_str().to_value()
    }
}

impl<T: ToValue> From<T> for Value {
    fn from(value: T) -> Self {
        value.to_value()
    }
}

macro_rules! numbers {
    ($variant:ident($wide:ty): $($narrow:ty),+) => {
        $(
            impl ToValue for $narrow {
                fn to_value(&self) -> Value {
                    Value::$variant(<$wide>::from(*self))
                }
            }
        )+
    };
}

numbers!(Bool(bool): bool);
numbers!(I64(i64): i8, i16, i32, i64);
numbers!(U64(u64): u8, u16, u32, u64);
numbers!(F64(f64): f32, f64);

impl ToValue for usize {
    fn to_value(&self) -> Value {
        u64::try_from(*self).map_or(Value::Null, Value::U64)
    }
}
