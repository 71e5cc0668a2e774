//! How values stand in a log record: amounts and currencies as text, ids as numbers (contract section 4).

use standards_core::log::{ToValue, Value};

use super::{ClienteId, Estado, Moneda, Monto, PagoId, PositiveMonto};

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

impl ToValue for Moneda {
    fn to_value(&self) -> Value {
        Value::Str(self.as_str().to_owned().into())
    }
}

impl ToValue for Estado {
    fn to_value(&self) -> Value {
        Value::Str(self.as_str().into())
    }
}
