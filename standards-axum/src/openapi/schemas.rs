//! The schemas of the service's types, each once.
//!
//! utoipa names a component after the type's last word alone, and writes generics and what stands in a list out in place. Here a component
//! is called as the type is written, its arguments included (`Pagina<Pago>` is `Pagina_Pago`), and what has fields stands once, wherever it
//! is used.
//!
//! Two types of one name cannot both be a component: the first one is, the other is written out where it stands, so the document stays
//! right.

use std::any::type_name;
use std::collections::BTreeMap;

use utoipa::ToSchema;
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, SchemaType, Type};
use utoipa::openapi::{Array, ObjectBuilder, Ref, RefOr, Schema};

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
        let mut schema = if type_name::<T>() == "()" { null().into() } else { T::schema() };
        match component_name(type_name::<T>(), Some(&T::name())) {
            Some(name) => self.keep(name, schema),
            None => {
                self.keep_inside(type_name::<T>(), &mut schema);
                schema
            }
        }
    }

    /// Keeps what a list, a map or an option of this type holds, which utoipa writes out.
    fn keep_inside(&mut self, container: &str, schema: &mut RefOr<Schema>) {
        let Some((_, arguments)) = container.strip_suffix('>').and_then(|container| container.split_once('<')) else { return };
        let Some(inner) = inner(schema) else { return };
        let argument = last_argument(arguments);
        match component_name(argument, None).filter(|_| has_structure(inner)) {
            Some(name) => *inner = self.keep(name, inner.clone()),
            None => self.keep_inside(argument, inner),
        }
    }

    /// Keeps `schema` under `name`; another type's schema of the same name stays, and this one is written out.
    pub(super) fn keep(&mut self, name: String, schema: RefOr<Schema>) -> RefOr<Schema> {
        let kept = self.0.entry(name.clone()).or_insert_with(|| schema.clone());
        if *kept == schema { Ref::from_schema_name(name).into() } else { schema }
    }

    /// Takes in those of another router.
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

    pub(super) const fn map_mut(&mut self) -> &mut BTreeMap<String, RefOr<Schema>> {
        &mut self.0
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

pub(super) fn is_null(schema: &RefOr<Schema>) -> bool {
    matches!(schema, RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Null))
}

/// What the schema of a container holds.
fn inner(schema: &mut RefOr<Schema>) -> Option<&mut RefOr<Schema>> {
    let RefOr::T(schema) = schema else { return None };
    match schema {
        Schema::Array(Array { items: ArrayItems::RefOrSchema(items), .. }) => Some(items),
        Schema::OneOf(one_of) => one_of.items.iter_mut().find(|item| !is_null(item)),
        Schema::Object(object) => match object.additional_properties.as_deref_mut()? {
            AdditionalProperties::RefOr(entry) => Some(entry),
            AdditionalProperties::FreeForm(_) => None,
        },
        _ => None,
    }
}

/// Whether it is a struct or an enum, rather than a text or a number with a type of its own.
fn has_structure(schema: &RefOr<Schema>) -> bool {
    match schema {
        RefOr::T(Schema::Object(object)) => !object.properties.is_empty() || object.enum_values.is_some(),
        RefOr::T(Schema::Array(_)) | RefOr::Ref(_) => false,
        RefOr::T(_) => true,
    }
}

/// The last of a type's arguments: `Pago` of `String, Pago`.
fn last_argument(arguments: &str) -> &str {
    let mut depth = 0_usize;
    let mut start = 0;
    for (i, c) in arguments.char_indices() {
        match c {
            '<' | '(' | '[' => depth += 1,
            '>' | ')' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => start = i + 1,
            _ => {}
        }
    }
    arguments.get(start..).unwrap_or_default().trim()
}

/// The name of a type in the document: its `own`, else that of its path, with those of its type arguments; none for the types of Rust itself.
fn component_name(full: &str, own: Option<&str>) -> Option<String> {
    let (base, arguments) = full.split_once('<').unwrap_or((full, ""));
    if !base.contains("::") || ["alloc::", "core::", "std::", "&", "[", "("].iter().any(|own| base.starts_with(own)) {
        return None;
    }
    let arguments = arguments.split(['<', '>', ',', ' ', '&', '(', ')']).filter_map(|argument| argument.rsplit("::").next());
    let own = own.or_else(|| base.rsplit("::").next());
    let parts: Vec<_> = own.into_iter().chain(arguments.filter(|part| !part.is_empty())).collect();
    Some(parts.join("_"))
}
