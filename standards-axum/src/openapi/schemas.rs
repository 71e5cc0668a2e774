//! The schemas of the service's types, each once.

use std::any::type_name;
use std::collections::BTreeMap;

use utoipa::ToSchema;
use utoipa::openapi::schema::{ArrayItems, SchemaType, Type};
use utoipa::openapi::{ObjectBuilder, Ref, RefOr, Schema};

/// The named schemas of a document.
#[derive(Clone, Default)]
pub(super) struct Schemas(BTreeMap<String, RefOr<Schema>>);

impl Schemas {
    /// Keeps the schema of `T` and of all that it refers to; a reference to it, or the schema itself where `T` has no name of its
    /// own (a list, a text, a number).
    pub(super) fn add<T: ToSchema>(&mut self) -> RefOr<Schema> {
        let mut inside = Vec::new();
        T::schemas(&mut inside);
        self.0.extend(inside);
        let schema = if type_name::<T>() == "()" { null().into() } else { T::schema() };
        match component_name::<T>() {
            Some(name) => self.keep(name, schema),
            None => schema,
        }
    }

    /// Keeps `schema` under `name`; another type's schema of the same name stays, and this one is written out.
    pub(super) fn keep(&mut self, name: String, schema: RefOr<Schema>) -> RefOr<Schema> {
        let kept = self.0.entry(name.clone()).or_insert_with(|| schema.clone());
        if *kept == schema { Ref::from_schema_name(name).into() } else { schema }
    }

    pub(super) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Refers to the kept schemas inside a list or an alternative, which utoipa writes out.
    pub(super) fn share(&self, schema: RefOr<Schema>) -> RefOr<Schema> {
        match schema {
            RefOr::T(Schema::Array(mut array)) => {
                if let ArrayItems::RefOrSchema(items) = &mut array.items {
                    self.share_in_place(items);
                }
                Schema::Array(array).into()
            }
            RefOr::T(Schema::OneOf(mut one_of)) => {
                one_of.items.iter_mut().for_each(|item| self.share_in_place(item));
                Schema::OneOf(one_of).into()
            }
            other => other,
        }
    }

    fn share_in_place(&self, schema: &mut RefOr<Schema>) {
        let known = self.0.iter().find(|(_, kept)| matches!(kept, RefOr::T(Schema::Object(_))) && *kept == schema);
        if let Some((name, _)) = known {
            *schema = Ref::from_schema_name(name).into();
        }
    }

    pub(super) fn into_map(self) -> BTreeMap<String, RefOr<Schema>> {
        self.0
    }
}

/// The schema of null and nothing else.
pub(super) fn null() -> Schema {
    ObjectBuilder::new().schema_type(Type::Null).build().into()
}

/// The schema of a parameter: a text in a path or a query can be absent, never null.
pub(super) fn text_schema(schema: RefOr<Schema>) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            object.schema_type = without_null(object.schema_type);
            Schema::Object(object).into()
        }
        RefOr::T(Schema::Array(mut array)) => {
            array.schema_type = without_null(array.schema_type);
            Schema::Array(array).into()
        }
        RefOr::T(Schema::OneOf(mut one_of)) => {
            one_of.items.retain(|item| !is_null(item));
            match one_of.items.as_slice() {
                [only] => only.clone(),
                _ => Schema::OneOf(one_of).into(),
            }
        }
        other => other,
    }
}

fn without_null(schema_type: SchemaType) -> SchemaType {
    let SchemaType::Array(mut types) = schema_type else { return schema_type };
    types.retain(|schema_type| *schema_type != Type::Null);
    match types.as_slice() {
        [only] => only.clone().into(),
        _ => SchemaType::Array(types),
    }
}

fn is_null(schema: &RefOr<Schema>) -> bool {
    matches!(schema, RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Null))
}

/// The name of `T` in the document: its own, with those of its type arguments; none for the types of Rust itself.
fn component_name<T: ToSchema>() -> Option<String> {
    let full = type_name::<T>();
    let (base, arguments) = full.split_once('<').unwrap_or((full, ""));
    if !base.contains("::") || ["alloc::", "core::", "std::", "&", "[", "("].iter().any(|own| base.starts_with(own)) {
        return None;
    }
    let arguments = arguments.split(['<', '>', ',', ' ', '&', '(', ')']).filter_map(|argument| argument.rsplit("::").next());
    let parts: Vec<_> =
        std::iter::once(&*T::name()).chain(arguments.filter(|part| !part.is_empty())).map(str::to_owned).collect();
    Some(parts.join("_"))
}
