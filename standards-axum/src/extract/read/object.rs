//! Reading the fields of an object, the elements of a list and the content of a variant, each at its own place.

use std::borrow::Cow;
use std::cell::Cell;
use std::marker::PhantomData;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::place::Place;
use super::placeholder::Placeholder;
use super::plan::{Fix, Shape};
use super::refusal::Refusal;
use super::text::Text;
use crate::extract::reason::Reason;

/// Something that the client sent, ready to be read.
pub(in crate::extract) trait Item: Copy {
    fn read<'de, S: DeserializeSeed<'de>>(self, seed: S, place: Place<'_>) -> Result<S::Value, Refusal>;
}

/// One field of an object; without an item it is one that the client did not send, and a placeholder answers.
pub(in crate::extract) struct Entry<'a, I> {
    pub(in crate::extract) key: Cow<'a, str>,
    pub(in crate::extract) item: Option<I>,
}

/// Reads `item`, or the placeholder that the plan puts in its stead.
pub(in crate::extract) fn read<'de, I: Item, S: DeserializeSeed<'de>>(
    item: Option<I>,
    seed: S,
    place: Place<'_>,
) -> Result<S::Value, Refusal> {
    match (place.fix().and_then(|fix| Fix::placeholder(fix, place)), item) {
        (Some(placeholder), _) => seed.deserialize(placeholder),
        (None, Some(item)) => item.read(seed, place),
        (None, None) => seed.deserialize(Placeholder::new(place, 0)),
    }
}

/// Shows an object to `visitor`.
pub(in crate::extract) fn visit_object<'de, 'p, I: Item, V: Visitor<'de>>(
    mut entries: Vec<Entry<'p, I>>,
    place: &Place<'p>,
    visitor: V,
) -> Result<V::Value, Refusal> {
    place.check_depth()?;
    place.note_shape(|| Shape::Object(entries.iter().map(|entry| (*entry.key).into()).collect()));
    if let Some(plan) = place.plan() {
        plan.repair(place, &mut entries);
    }
    let reached = Cell::new(0);
    let fields = Fields { entries: &entries, next: 0, place, reached: &reached };
    visitor.visit_map(fields).map_err(|refusal| blame(refusal, &entries, reached.get()))
}

fn blame<I>(refusal: Refusal, entries: &[Entry<'_, I>], reached: usize) -> Refusal {
    let (before, here) = entries.split_at_checked(reached).unwrap_or((entries, &[]));
    let key = here.first().map_or("", |entry| &*entry.key);
    refusal.in_object(key, before.iter().filter(|entry| entry.key == key).count())
}

struct Fields<'e, 'a, I> {
    entries: &'e [Entry<'a, I>],
    next: usize,
    place: &'e Place<'e>,
    /// The entry at hand, also for the one who gave this away.
    reached: &'e Cell<usize>,
}

impl<'de, I: Item> MapAccess<'de> for Fields<'_, '_, I> {
    type Error = Refusal;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Refusal> {
        let Some(entry) = self.entries.get(self.next) else { return Ok(None) };
        self.reached.set(self.next);
        self.next += 1;
        let text = [Some(Cow::Borrowed(&*entry.key))];
        seed.deserialize(Text::new(&text, *self.place)).map(Some).map_err(|refusal| refusal.under_key(&entry.key))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Refusal> {
        let Some(entry) = self.entries.get(self.reached.get()) else { return Err(Reason::Invalid.into()) };
        read(entry.item, seed, self.place.key(&entry.key)).map_err(|refusal| refusal.under_key(&entry.key))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len().saturating_sub(self.next))
    }
}

/// Shows a list to `visitor`, which must take all of it.
pub(in crate::extract) fn visit_list<'de, I: Item, V: Visitor<'de>>(
    items: &[I],
    place: &Place<'_>,
    visitor: V,
) -> Result<V::Value, Refusal> {
    place.check_depth()?;
    place.note_shape(|| Shape::List);
    let mut elements = Elements { items, next: 0, place };
    let value = visitor.visit_seq(&mut elements)?;
    if elements.next == items.len() { Ok(value) } else { Err(Reason::Length.into()) }
}

struct Elements<'e, I> {
    items: &'e [I],
    next: usize,
    place: &'e Place<'e>,
}

impl<'de, I: Item> SeqAccess<'de> for &mut Elements<'_, I> {
    type Error = Refusal;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Refusal> {
        let Some(item) = self.items.get(self.next) else { return Ok(None) };
        let index = self.next;
        self.next += 1;
        read(Some(*item), seed, self.place.index(index)).map(Some).map_err(|refusal| refusal.under_index(index))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len().saturating_sub(self.next))
    }
}

/// A variant with content: `{"tarjeta": {...}}`.
pub(in crate::extract) struct Variant<'e, 'a, I> {
    pub(in crate::extract) entry: &'e Entry<'a, I>,
    pub(in crate::extract) place: &'e Place<'e>,
}

impl<I: Item> Variant<'_, '_, I> {
    fn content<'de, S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Refusal> {
        let key = &self.entry.key;
        read(self.entry.item, seed, self.place.key(key)).map_err(|refusal| refusal.under_key(key))
    }
}

impl<'de, I: Item> EnumAccess<'de> for Variant<'_, '_, I> {
    type Error = Refusal;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Refusal> {
        let name: StrDeserializer<'_, Refusal> = (&*self.entry.key).into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de, I: Item> VariantAccess<'de> for Variant<'_, '_, I> {
    type Error = Refusal;

    fn unit_variant(self) -> Result<(), Refusal> {
        self.content(PhantomData)
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Refusal> {
        self.place.key(&self.entry.key).note_shape(|| Shape::Newtype);
        self.content(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Refusal> {
        self.content(Tuple(len, visitor))
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Refusal> {
        self.content(Struct(fields, visitor))
    }
}

struct Tuple<V>(usize, V);

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for Tuple<V> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        deserializer.deserialize_tuple(self.0, self.1)
    }
}

pub(super) struct Struct<V>(pub(super) &'static [&'static str], pub(super) V);

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for Struct<V> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        deserializer.deserialize_struct("", self.0, self.1)
    }
}
