//! A decimal in an OpenAPI document.

use std::borrow::Cow;

use utoipa::openapi::schema::{SchemaFormat, Type};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::FixedDecimal;

/// A string by the grammar, in the format `decimal`; the bounds stand in the description, since a schema has none for strings.
///
/// A field's type is named by an alias (`type Cantidad = FixedDecimal<3, 1, 999_999_999>`), as utoipa's derive reads no numbers in brackets.
impl<const SCALE: u8, const MIN: i64, const MAX: i64> PartialSchema for FixedDecimal<SCALE, MIN, MAX> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::Custom("decimal".into())))
            .pattern(Some(pattern(SCALE, MIN, MAX)))
            .description(Some(format!("From {} to {}.", Self::MIN, Self::MAX)))
            .examples([Self::MAX.to_string()])
            .into()
    }
}

impl<const SCALE: u8, const MIN: i64, const MAX: i64> ToSchema for FixedDecimal<SCALE, MIN, MAX> {
    /// One for each range.
    fn name() -> Cow<'static, str> {
        format!("Decimal_{}_{}", Self::MIN, Self::MAX).replace('-', "n").into()
    }
}

/// The grammar, with no more digits before the point than a bound has.
fn pattern(scale: u8, min: i64, max: i64) -> String {
    let sign = if min < 0 { "-?" } else { "" };
    let largest = min.unsigned_abs().max(max.unsigned_abs()) / 10_u64.pow(scale.into());
    let digits = match largest.checked_ilog10() {
        None => "0".to_owned(),
        Some(0) => "[0-9]".to_owned(),
        Some(more) => format!("(0|[1-9][0-9]{{0,{more}}})"),
    };
    let places = if scale == 0 { String::new() } else { format!(r"(\.[0-9]{{1,{scale}}})?") };
    format!("^{sign}{digits}{places}$")
}
