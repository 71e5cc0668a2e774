//! The parts of a request, from the schema that describes it.
//!
//! The schema is all that is known of a type's form. So what it says decides what is sent: an `enum` its first value and no other, a text
//! its example, or one that types of its format tend to take. A schema that says nothing (`value_type = Object`, no properties) leaves
//! nothing to vary.
//!
//! Of `oneOf` and `anyOf` each form is tried, one a round; `allOf`, as flattened structs are described, is one object of all their fields.

use serde_json::Value;
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{Array, Object, RefOr, Schema};

use super::Components;
use super::bounds::Bounds;
use super::part::{Address, Field, Form, Part, Step};
use crate::openapi::schemas::is_null;

/// As deep as schemas are followed: one may refer to itself.
const MAX_DEPTH: usize = 8;

impl Part {
    /// The part that `schema` describes, which stands at `address`.
    #[expect(clippy::too_many_lines, reason = "a table of schemas")]
    pub(super) fn of(schema: &RefOr<Schema>, address: Address, components: &Components, depth: usize) -> Self {
        if depth > MAX_DEPTH {
            return Self::new(address, Form::Fixed, None);
        }
        match schema {
            RefOr::Ref(reference) => {
                let name = reference.ref_location.rsplit('/').next().unwrap_or_default();
                let inside = Address(vec![Step::Component(name.to_owned())]);
                let component = components.get(name).map(|schema| Self::of(schema, inside, components, depth + 1));
                // A rule of the field's own is no rule of all who refer to its type.
                component.map_or_else(
                    || Self::new(address.clone(), Form::Fixed, None),
                    |part| Self { address: address.clone(), ..part },
                )
            }
            RefOr::T(Schema::Object(object)) => Self::of_object(object, address, components, depth),
            RefOr::T(Schema::Array(array)) => Self::of_array(array, address, components, depth),
            RefOr::T(Schema::OneOf(one_of)) => Self::choice(&one_of.items, address, Step::OneOf, (components, depth)),
            RefOr::T(Schema::AnyOf(any_of)) => Self::choice(&any_of.items, address, Step::AnyOf, (components, depth)),
            RefOr::T(Schema::AllOf(all_of)) => {
                let parts = all_of.items.iter().enumerate();
                let parts = parts.map(|(i, item)| Self::of(item, address.then(Step::AllOf(i)), components, depth + 1));
                Self::together(parts.collect(), address)
            }
            RefOr::T(_) => Self::new(address, Form::Fixed, None),
        }
    }

    /// A single value, an object, or a map where the properties have no names.
    #[expect(clippy::too_many_lines, reason = "a table of types")]
    fn of_object(object: &Object, address: Address, components: &Components, depth: usize) -> Self {
        let sample = object.example.clone().or_else(|| object.examples.first().cloned()).or_else(|| object.default.clone());
        if let Some(first) = object.enum_values.as_ref().and_then(|values| values.first()) {
            return Self::new(address, Form::Fixed, Some(first.clone()));
        }
        let form = match the_type(&object.schema_type) {
            Some(Type::String) => Form::Text,
            Some(Type::Integer | Type::Number) => Form::Number,
            Some(Type::Boolean) => Form::Bool,
            Some(Type::Object) => match object.additional_properties.as_deref() {
                Some(AdditionalProperties::RefOr(entry)) if object.properties.is_empty() => {
                    Form::Map(Box::new(Self::of(entry, address.then(Step::Entries), components, depth + 1)))
                }
                _ => Form::Object(Self::fields(object, &address, components, depth)),
            },
            _ => Form::Fixed,
        };
        let sample = match form {
            Form::Text => sample.or_else(|| Some(sample_of(object.format.as_ref()))),
            Form::Number => sample.or_else(|| serde_json::to_value(object.minimum.as_ref()).ok().filter(|min| !min.is_null())),
            _ => sample,
        };
        Self { stated: Bounds::of_object(object), ..Self::new(address, form, sample) }
    }

    /// The properties, each with whether it must be there.
    fn fields(object: &Object, address: &Address, components: &Components, depth: usize) -> Vec<Field> {
        let field = |(name, schema): (&String, &RefOr<Schema>)| Field {
            name: name.clone(),
            required: object.required.contains(name),
            part: Self::of(schema, address.then(Step::Property(name.clone())), components, depth + 1),
        };
        object.properties.iter().map(field).collect()
    }

    /// A list of what its entries are.
    fn of_array(array: &Array, address: Address, components: &Components, depth: usize) -> Self {
        let form = match &array.items {
            ArrayItems::RefOrSchema(items) => {
                Form::List(Box::new(Self::of(items, address.then(Step::Entries), components, depth + 1)))
            }
            ArrayItems::False => Form::Fixed,
        };
        Self { stated: Bounds::of_array(array), ..Self::new(address, form, None) }
    }

    /// One of several forms; `null` is none of them, since it is never sent.
    fn choice(
        items: &[RefOr<Schema>],
        address: Address,
        step: fn(usize) -> Step,
        (components, depth): (&Components, usize),
    ) -> Self {
        let items = items.iter().enumerate().filter(|(_, item)| !is_null(item));
        let parts = items.map(|(i, item)| Self::of(item, address.then(step(i)), components, depth + 1)).collect();
        Self::new(address, Form::Choice(parts), None)
    }

    /// An object of which each of `parts` has some fields, as flattened structs are.
    fn together(parts: Vec<Self>, address: Address) -> Self {
        let mut parts = parts.into_iter();
        let Some(mut all) = parts.next() else { return Self::new(address, Form::Fixed, None) };
        for part in parts {
            match (&mut all.form, part.form) {
                (Form::Object(fields), Form::Object(others)) => fields.extend(others),
                // Of a flattened enum the first form stands for all.
                (Form::Object(fields), Form::Choice(choices)) => {
                    fields.extend(choices.into_iter().find_map(Self::into_fields).unwrap_or_default());
                }
                _ => all.stated.narrow(part.stated),
            }
        }
        Self { address, ..all }
    }
}

/// The type, null aside.
pub(super) fn the_type(schema_type: &SchemaType) -> Option<Type> {
    match schema_type {
        SchemaType::Type(one) => Some(one.clone()),
        SchemaType::Array(many) => many.iter().find(|one| **one != Type::Null).cloned(),
        SchemaType::AnyValue => None,
    }
}

/// A text that types of this format tend to take.
fn sample_of(format: Option<&SchemaFormat>) -> Value {
    let format = format.and_then(|format| serde_json::to_value(format).ok());
    match format.as_ref().and_then(Value::as_str) {
        Some("date") => "2000-01-01",
        Some("date-time") => "2000-01-01T00:00:00Z",
        Some("uuid") => "00000000-0000-4000-8000-000000000000",
        Some("email") => "a@b.cl",
        Some("uri") => "https://a.cl",
        Some("ipv4") => "127.0.0.1",
        _ => "a",
    }
    .into()
}
