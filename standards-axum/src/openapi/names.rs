//! What a schema is called where it is a part of something that has a name.
//!
//! Clients are generated from the document, and a generator calls a type as its component is called. An envelope is a type for each kind of
//! data, so it needs a name, and one that stays the same when another operation is added: it is put together from what it holds, outside
//! first.
//!
//! | data | name | envelope |
//! |---|---|---|
//! | a reference to `Pago` | `Pago` | `ApiResponse_Pago` |
//! | a list of them | `List_Pago` | `ApiResponse_List_Pago` |
//! | a `Pago` or null | `Option_Pago` | `ApiResponse_Option_Pago` |
//! | a map to them | `Map_Pago` | `ApiResponse_Map_Pago` |
//! | a text with `format: date` | `Date` | `ApiResponse_Date` |
//! | nothing | `Null` | `ApiResponse_Null` |
//!
//! An object that utoipa writes out in place has no name, and its envelope is written out with it.

use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, SchemaType, Type};
use utoipa::openapi::{OneOf, RefOr, Schema};

use super::schemas::is_null;

/// `Pago`, `List_Pago`, `Option_Pago`, `Map_Pago`, `String`, `Date`, `Null`; none for what can only be written out.
pub(super) fn name_of(schema: &RefOr<Schema>) -> Option<String> {
    match schema {
        RefOr::Ref(reference) => reference.ref_location.rsplit('/').next().map(str::to_owned),
        RefOr::T(Schema::Array(array)) => match &array.items {
            ArrayItems::RefOrSchema(items) => within("List", items),
            ArrayItems::False => None,
        },
        RefOr::T(Schema::OneOf(one_of)) => name_of_optional(one_of),
        RefOr::T(Schema::Object(object)) => match object.additional_properties.as_deref() {
            Some(AdditionalProperties::RefOr(entries)) if object.properties.is_empty() => within("Map", entries),
            _ => {
                let format = object.format.as_ref().and_then(|format| serde_json::to_value(format).ok());
                name_of_type(&object.schema_type, format.as_ref().and_then(|format| format.as_str()))
            }
        },
        RefOr::T(_) => None,
    }
}

/// The name of what is in a container, behind the container's.
fn within(container: &str, schema: &RefOr<Schema>) -> Option<String> {
    name_of(schema).map(|name| format!("{container}_{name}"))
}

/// Of `oneOf` null and one other, which is how utoipa writes an `Option` of a component.
fn name_of_optional(one_of: &OneOf) -> Option<String> {
    match one_of.items.as_slice() {
        [null, some] | [some, null] if is_null(null) => within("Option", some),
        _ => None,
    }
}

/// The name of what is no object: that of its format, where it has one.
fn name_of_type(schema_type: &SchemaType, format: Option<&str>) -> Option<String> {
    match schema_type {
        SchemaType::Type(Type::Object) | SchemaType::AnyValue => None,
        SchemaType::Type(Type::Null) => Some("Null".to_owned()),
        SchemaType::Type(one) => {
            let word = serde_json::to_value(one).ok();
            Some(pascal_case(format.or_else(|| word.as_ref()?.as_str())?))
        }
        SchemaType::Array(types) => {
            let some: Vec<_> = types.iter().filter(|one| **one != Type::Null).collect();
            let [one] = some.as_slice() else { return None };
            Some(format!("Option_{}", name_of_type(&SchemaType::Type((*one).clone()), format)?))
        }
    }
}

/// `date-time` as `DateTime`.
fn pascal_case(words: &str) -> String {
    let words = words.split(|c: char| !c.is_ascii_alphanumeric());
    words.flat_map(|word| word.chars().enumerate().map(|(i, c)| if i == 0 { c.to_ascii_uppercase() } else { c })).collect()
}
