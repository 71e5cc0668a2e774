//! Any [`Serialize`] as a [`Value`], bounded in depth and number as it is made.

use serde::ser::{Serialize, Serializer};

use super::Value;
use super::gathered::{Gathered, of_variant};

/// Why there is no value: the type's own `Serialize` failed.
#[derive(Debug)]
pub(super) struct Failed(String);

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failed {}

impl serde::ser::Error for Failed {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

impl Value {
    /// The value as `serde` sees it: structs are objects, as in JSON. What is nested too deep or too long is left out and marked.
    ///
    /// ```
    /// use serde::Serialize;
    /// use standards_core::log::{LogLevel, Record, Value};
    ///
    /// #[derive(Serialize)]
    /// struct Cierre { pagos: u32, moneda: &'static str }
    ///
    /// let cierre = Cierre { pagos: 17, moneda: "CLP" };
    /// Record::new(LogLevel::Info, "Cierre de caja").field("cierre", Value::of(&cierre)).emit();
    /// # assert_eq!(serde_json::to_string(&Value::of(&cierre)).unwrap(), r#"{"pagos":17,"moneda":"CLP"}"#);
    /// ```
    #[must_use]
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Self {
        value.serialize(ValueSerializer(0)).unwrap_or_else(|error| Self::Str(format!("[{error}]").into()))
    }
}

/// Makes a value at the depth it holds.
#[derive(Clone, Copy)]
pub(super) struct ValueSerializer(pub(super) usize);

impl ValueSerializer {
    const fn gather(self, variant: Option<&'static str>) -> Gathered {
        Gathered::new(self.0 + 1, variant)
    }
}

macro_rules! scalars {
    ($($method:ident($type:ty) => $variant:ident;)+) => {
        $(fn $method(self, value: $type) -> Result<Value, Failed> {
            Ok(Value::$variant(value.into()))
        })+
    };
}

impl Serializer for ValueSerializer {
    type Ok = Value;
    type Error = Failed;
    type SerializeSeq = Gathered;
    type SerializeTuple = Gathered;
    type SerializeTupleStruct = Gathered;
    type SerializeTupleVariant = Gathered;
    type SerializeMap = Gathered;
    type SerializeStruct = Gathered;
    type SerializeStructVariant = Gathered;

    scalars! {
        serialize_bool(bool) => Bool;
        serialize_i8(i8) => I64;
        serialize_i16(i16) => I64;
        serialize_i32(i32) => I64;
        serialize_i64(i64) => I64;
        serialize_u8(u8) => U64;
        serialize_u16(u16) => U64;
        serialize_u32(u32) => U64;
        serialize_u64(u64) => U64;
        serialize_f32(f32) => F64;
        serialize_f64(f64) => F64;
    }

    fn serialize_char(self, value: char) -> Result<Value, Failed> {
        Ok(Value::Str(value.to_string().into()))
    }

    fn serialize_str(self, value: &str) -> Result<Value, Failed> {
        Ok(Value::from(value))
    }

    /// Bytes are no text; only their number is shown.
    fn serialize_bytes(self, value: &[u8]) -> Result<Value, Failed> {
        Ok(Value::Str(format!("[{} bytes]", value.len()).into()))
    }

    fn serialize_none(self) -> Result<Value, Failed> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, Failed> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, Failed> {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, Failed> {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Value, Failed> {
        Ok(Value::Str(variant.into()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Value, Failed> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, Failed> {
        Ok(of_variant(Some(variant), self.gather(None).value(value)?))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Gathered, Failed> {
        Ok(self.gather(None))
    }

    fn serialize_tuple(self, _: usize) -> Result<Gathered, Failed> {
        Ok(self.gather(None))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Gathered, Failed> {
        Ok(self.gather(None))
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Result<Gathered, Failed> {
        Ok(self.gather(Some(variant)))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Gathered, Failed> {
        Ok(self.gather(None))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Gathered, Failed> {
        Ok(self.gather(None))
    }

    fn serialize_struct_variant(self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Result<Gathered, Failed> {
        Ok(self.gather(Some(variant)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::gathered::MAX_ELEMENTS;
    use super::*;
    use serde::Serialize;
    use serde_json::json;

    #[test]
    fn a_value_is_what_serde_json_makes_of_it() {
        let nested = json!({"a": [1, -2, 3.5, null, true, "x", {"b": {}}], "c": {"d": []}});
        assert_eq!(serde_json::to_value(Value::of(&nested)).unwrap(), nested);
    }

    #[test]
    fn enums_stand_under_their_variant() {
        #[derive(Serialize)]
        enum Estado {
            Pendiente,
            Procesado { pago: u8 },
            Anulado(u8, u8),
            Otro(char),
        }
        let estados = [Estado::Pendiente, Estado::Procesado { pago: 1 }, Estado::Anulado(1, 2), Estado::Otro('x')];
        assert_eq!(serde_json::to_value(Value::of(&estados)).unwrap(), serde_json::to_value(&estados).unwrap());
    }

    #[test]
    fn what_is_deep_or_long_is_bounded() {
        let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
        assert!(serde_json::to_string(&Value::of(&deep)).unwrap().len() < 40);
        let Value::List(elements) = Value::of(&vec![0_u8; 10_000]) else { panic!("a list") };
        assert_eq!(elements.len(), MAX_ELEMENTS);
    }

    #[test]
    fn a_failure_is_told() {
        struct Failing;
        impl Serialize for Failing {
            fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
                Err(serde::ser::Error::custom("no form"))
            }
        }
        assert_eq!(Value::of(&Failing), Value::from("[no form]"));
    }
}
