//! Stating bounds in the document's schemas.
//!
//! An `Address` is followed from the operation, or from the component that it begins with, to the schema, which then gets what it has words
//! for: a text its length, a list its entries, a map its properties, a number its range. Where the field only refers to a component, its
//! own rule must not change that for all: the reference becomes an `allOf` of itself and what is narrower.

use utoipa::Number;
use utoipa::openapi::path::Parameter;
use utoipa::openapi::schema::{AdditionalProperties, AllOfBuilder, Array, ArrayItems, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{Object, ObjectBuilder, RefOr, Required, Schema};

use super::super::schemas::text_schema;
use super::bounds::Bounds;
use super::build::the_type;
use super::part::{Address, Field, Form, Part, Step};
use super::{About, Components, Question};

/// What of an operation its arguments read.
pub(in crate::openapi) struct Described<'o> {
    /// `POST /pagos`.
    pub(in crate::openapi) name: &'o str,
    /// What its arguments can be asked.
    pub(in crate::openapi) questions: &'o [Question],
    /// The schema of its body.
    pub(in crate::openapi) body: Option<&'o mut RefOr<Schema>>,
    /// All of its parameters, those of other arguments too.
    pub(in crate::openapi) parameters: &'o mut [Parameter],
}

impl Described<'_> {
    /// The part of a request that a question is about.
    pub(super) fn part(&self, about: &About, components: &Components) -> Option<Part> {
        match about {
            About::Body => Some(Part::of(self.body.as_deref()?, Address::default(), components, 0)),
            About::Parameters(range) => {
                let parameters = self.parameters.iter().enumerate().skip(range.start).take(range.len());
                let fields = parameters.filter_map(|(i, parameter)| {
                    let address = Address::default().then(Step::Parameter(i));
                    let part = Part::of(parameter.schema.as_ref()?, address, components, 0);
                    Some(Field { name: parameter.name.clone(), required: parameter.required == Required::True, part })
                });
                Some(Part::new(Address::default(), Form::Object(fields.collect()), None))
            }
        }
    }
}

/// The schemas in which an address leads somewhere.
pub(super) struct Site<'s, 'o> {
    operation: Option<&'s mut Described<'o>>,
    components: &'s mut Components,
}

impl<'s, 'o> Site<'s, 'o> {
    pub(super) const fn new(operation: Option<&'s mut Described<'o>>, components: &'s mut Components) -> Self {
        Self { operation, components }
    }

    /// States `bounds` of what stands at `address`.
    pub(super) fn state(&mut self, address: &Address, bounds: &Bounds) {
        if bounds.is_empty() {
            return;
        }
        if let Some(schema) = self.find(&address.0) {
            state(bounds, schema);
        }
        if let (true, Some((last, around))) = (bounds.required, address.0.split_last()) {
            self.require(last, around);
        }
    }

    /// A field is required by the object around it, a parameter by itself.
    fn require(&mut self, last: &Step, around: &[Step]) {
        match (last, self.operation.as_deref_mut()) {
            (Step::Parameter(i), Some(operation)) => {
                if let Some(parameter) = operation.parameters.get_mut(*i) {
                    parameter.required = Required::True;
                }
            }
            (Step::Property(name), _) => {
                if let Some(RefOr::T(Schema::Object(object))) = self.find(around)
                    && !object.required.contains(name)
                {
                    object.required.push(name.clone());
                }
            }
            _ => {}
        }
    }

    /// The schema at the end of `steps`; none where an operation has no such place.
    fn find(&mut self, steps: &[Step]) -> Option<&mut RefOr<Schema>> {
        match (steps.split_first(), self.operation.as_deref_mut()) {
            (Some((Step::Component(name), rest)), _) => inside(self.components.get_mut(name)?, rest),
            (Some((Step::Parameter(i), rest)), Some(operation)) => {
                inside(operation.parameters.get_mut(*i)?.schema.as_mut()?, rest)
            }
            (_, Some(operation)) => inside(operation.body.as_deref_mut()?, steps),
            (_, None) => None,
        }
    }
}

fn inside<'s>(schema: &'s mut RefOr<Schema>, steps: &[Step]) -> Option<&'s mut RefOr<Schema>> {
    let Some((step, rest)) = steps.split_first() else { return Some(schema) };
    let RefOr::T(schema) = schema else { return None };
    let next = match (schema, step) {
        (Schema::Object(object), Step::Property(name)) => object.properties.get_mut(name)?,
        (Schema::Object(object), Step::Entries) => match object.additional_properties.as_deref_mut()? {
            AdditionalProperties::RefOr(entry) => entry,
            AdditionalProperties::FreeForm(_) => return None,
        },
        (Schema::Array(Array { items: ArrayItems::RefOrSchema(items), .. }), Step::Entries) => items,
        (Schema::OneOf(one_of), Step::OneOf(i)) => one_of.items.get_mut(*i)?,
        (Schema::AnyOf(any_of), Step::AnyOf(i)) => any_of.items.get_mut(*i)?,
        (Schema::AllOf(all_of), Step::AllOf(i)) => all_of.items.get_mut(*i)?,
        _ => return None,
    };
    inside(next, rest)
}

/// Into a schema of any kind; a reference that is only required stays one.
fn state(bounds: &Bounds, schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::T(Schema::Object(object)) => state_of_object(bounds, object),
        RefOr::T(Schema::Array(array)) => {
            array.min_items = stricter(array.min_items, bounds.min_length, usize::max);
            array.max_items = stricter(array.max_items, bounds.max_length, usize::min);
        }
        RefOr::Ref(_) if *bounds != (Bounds { required: true, ..Bounds::default() }) => {
            let narrower = narrower(bounds);
            *schema = Schema::AllOf(AllOfBuilder::new().item(schema.clone()).item(narrower).build()).into();
        }
        RefOr::Ref(_) | RefOr::T(_) => {}
    }
    if bounds.required {
        *schema = text_schema(schema.clone());
    }
}

/// What a reference's own rule adds to what it refers to, whose type is not said again.
fn narrower(bounds: &Bounds) -> Object {
    let mut object = ObjectBuilder::new().schema_type(SchemaType::AnyValue).build();
    (object.min_length, object.max_length) = (bounds.min_length, bounds.max_length);
    state_grammar(bounds, &mut object);
    state_range(bounds, &mut object);
    object
}

fn state_of_object(bounds: &Bounds, object: &mut Object) {
    match the_type(&object.schema_type) {
        Some(Type::Object) => {
            object.min_properties = stricter(object.min_properties, bounds.min_length, usize::max);
            object.max_properties = stricter(object.max_properties, bounds.max_length, usize::min);
        }
        Some(Type::String) => {
            object.min_length = stricter(object.min_length, bounds.min_length, usize::max);
            object.max_length = stricter(object.max_length, bounds.max_length, usize::min);
            state_grammar(bounds, object);
        }
        Some(Type::Integer | Type::Number) => state_range(bounds, object),
        _ => {}
    }
}

fn state_grammar(bounds: &Bounds, object: &mut Object) {
    if object.pattern.is_none() {
        object.pattern.clone_from(&bounds.pattern);
    }
    if object.format.is_none() {
        object.format = bounds.format.clone().map(SchemaFormat::Custom);
    }
}

fn state_range(bounds: &Bounds, object: &mut Object) {
    object.minimum =
        stricter(object.minimum.take(), bounds.minimum.clone(), |a, b| if as_float(&a) < as_float(&b) { b } else { a });
    object.maximum =
        stricter(object.maximum.take(), bounds.maximum.clone(), |a, b| if as_float(&a) > as_float(&b) { b } else { a });
}

/// What was written by hand stays where it says more; whether it is true, [`unenforced`](super::unenforced) tells.
fn stricter<T>(stated: Option<T>, rule: Option<T>, pick: impl Fn(T, T) -> T) -> Option<T> {
    match (stated, rule) {
        (Some(stated), Some(rule)) => Some(pick(stated, rule)),
        (stated, rule) => stated.or(rule),
    }
}

pub(super) fn as_float(number: &Number) -> f64 {
    match number {
        Number::Int(number) => *number as f64,
        Number::UInt(number) => *number as f64,
        Number::Float(number) => *number,
    }
}
