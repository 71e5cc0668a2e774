//! Plausible values in the place of refused ones, so that the rest of the request can be read and judged.
//!
//! What is read this way never leaves: the request is refused already, and the value is dropped once all is known.

mod answer;

use std::borrow::Cow;

use serde::de::value::{StrDeserializer, U64Deserializer};
use serde::de::{DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor};

use crate::extract::read::number;
use crate::extract::read::object::Entry;
use crate::extract::read::place::Place;
use crate::extract::read::plan::Hint;
use crate::extract::read::refusal::Refusal;
use crate::extract::read::shown::Shown;
use crate::extract::reason::Kind;

/// Texts that types with a grammar of their own tend to accept: amounts, codes, addresses, instants, ids, national numbers.
const TEXTS: [&str; 12] = [
    "1",
    "AAA",
    "a@b.cl",
    "2000-01-01T00:00:00Z",
    "2000-01-01",
    "00000000-0000-4000-8000-000000000000",
    "aa",
    "1-9",
    "https://a.cl",
    "127.0.0.1",
    "+56911111111",
    "00:00:00",
];

/// The JSON of what is no text.
const OTHERS: [&str; 7] = ["1", "true", "null", "[]", "{}", "3", "false"];

const NUMBERS: [i64; 6] = [1, 0, 10, 100, 1000, 2000];

/// How many values there are to try.
pub(in crate::extract) const CANDIDATES: usize = TEXTS.len() + OTHERS.len();

/// The candidates that are of this type, whoever looks at them.
pub(in crate::extract) const fn candidates_of(kind: Kind) -> &'static [usize] {
    const FIRST: usize = TEXTS.len();
    match kind {
        Kind::Text => &[0, 1],
        Kind::Integer | Kind::Number => &[FIRST, FIRST + 5],
        Kind::Bool => &[FIRST + 1, FIRST + 6],
        Kind::Null => &[FIRST + 2],
        Kind::List => &[FIRST + 3],
        Kind::Object => &[FIRST + 4],
    }
}

/// A placeholder to who does not say what is wanted.
#[derive(Clone, Copy)]
enum Any {
    Text,
    Number(u64),
    Bool(bool),
    Null,
    List,
    Object,
}

/// A value of whatever type is asked for.
#[derive(Clone, Copy)]
pub(in crate::extract) struct Placeholder<'p> {
    place: Place<'p>,
    candidate: usize,
    /// The text, where it has to be this one.
    word: Option<&'static str>,
    /// The value that a rule asks for, where there is one.
    hint: Option<&'p Hint>,
}

impl<'p> Placeholder<'p> {
    pub(in crate::extract) const fn new(place: Place<'p>, candidate: usize) -> Self {
        Self { place, candidate, word: None, hint: None }
    }

    pub(in crate::extract) const fn saying(place: Place<'p>, word: &'static str) -> Self {
        Self { place, candidate: 0, word: Some(word), hint: None }
    }

    /// What the hint says, and something rather than nothing.
    pub(in crate::extract) const fn hinted(place: Place<'p>, hint: &'p Hint) -> Self {
        Self { place, candidate: 1, word: None, hint: Some(hint) }
    }

    fn text(self) -> &'p str {
        let hinted = self.hint.map(|hint| &*hint.text);
        hinted.or(self.word).unwrap_or_else(|| self.pick(&TEXTS, "1"))
    }

    /// What it is to who does not say what is wanted.
    const fn any(self) -> Any {
        match self.candidate.checked_sub(TEXTS.len()) {
            Some(0) => Any::Number(1),
            Some(1) => Any::Bool(true),
            Some(2) => Any::Null,
            Some(3) => Any::List,
            Some(4) => Any::Object,
            Some(5) => Any::Number(3),
            Some(6) => Any::Bool(false),
            _ => Any::Text,
        }
    }

    fn shown(self) -> Shown {
        match self.any() {
            Any::Text => Shown::text(self.text()),
            Any::Number(number) => Shown::Unsigned(number),
            Any::Bool(value) => Shown::Bool(value),
            Any::Null => Shown::Null,
            Any::List => Shown::List,
            Any::Object => Shown::Object,
        }
    }

    fn number(self) -> i64 {
        self.hint.map_or_else(|| self.pick(&NUMBERS, 1), |hint| hint.number)
    }

    fn length(self) -> usize {
        self.hint.map_or(self.candidate.min(1), |hint| hint.length)
    }

    fn pick<T: Copy>(self, choices: &[T], otherwise: T) -> T {
        choices.iter().cycle().nth(self.candidate).copied().unwrap_or(otherwise)
    }

    /// The candidate as JSON; the numbers of [`OTHERS`] follow those of [`TEXTS`].
    fn json(self) -> Cow<'static, str> {
        match OTHERS.get(self.candidate.wrapping_sub(TEXTS.len())) {
            Some(json) => Cow::Borrowed(json),
            None => Cow::Owned(number::json_string(self.text())),
        }
    }

    fn visit_list<'de, V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Refusal> {
        self.place.check_depth()?;
        visitor.visit_seq(List { place: self.place, next: 0, length })
    }

    /// Names of no struct: a map has as many entries as a rule asks for.
    fn entries(self) -> usize {
        self.hint.map_or(0, |hint| hint.length)
    }

    fn visit_entries<'de, V: Visitor<'de>>(
        self,
        names: impl Iterator<Item = Cow<'static, str>>,
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        self.place.check_depth()?;
        // Nothing but placeholders: the items' type does not matter.
        let mut entries: Vec<Entry<'_, ()>> = names.map(|key| Entry { key, item: None }).collect();
        if let Some(plan) = self.place.plan() {
            plan.repair(&self.place, &mut entries);
        }
        let fields = Fields { names: entries.iter().map(|entry| &*entry.key), value: None, place: &self.place };
        visitor.visit_map(fields).map_err(|refusal| refusal.in_object("", 0))
    }
}

/// Reads the placeholder at `place`, with the candidate that the plan names for it.
fn read<'de, S: DeserializeSeed<'de>>(seed: S, place: Place<'_>) -> Result<S::Value, Refusal> {
    let placeholder = place.fix().and_then(|fix| fix.placeholder(place));
    seed.deserialize(placeholder.unwrap_or_else(|| Placeholder::new(place, 0)))
}

struct List<'p> {
    place: Place<'p>,
    next: usize,
    length: usize,
}

impl<'de> SeqAccess<'de> for List<'_> {
    type Error = Refusal;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Refusal> {
        if self.next == self.length {
            return Ok(None);
        }
        let index = self.next;
        self.next += 1;
        read(seed, self.place.index(index)).map(Some).map_err(|refusal| refusal.under_index(index))
    }
}

struct Fields<'e, N> {
    names: N,
    value: Option<&'e str>,
    place: &'e Place<'e>,
}

impl<'de, 'e, N: Iterator<Item = &'e str>> MapAccess<'de> for Fields<'e, N> {
    type Error = Refusal;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Refusal> {
        self.value = self.names.next();
        let Some(name) = self.value else { return Ok(None) };
        let name: StrDeserializer<'_, Refusal> = name.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Refusal> {
        let name = self.value.unwrap_or_default();
        read(seed, self.place.key(name)).map_err(|refusal| refusal.under_key(name))
    }
}

impl<'de> EnumAccess<'de> for Placeholder<'_> {
    type Error = Refusal;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Refusal> {
        let first: U64Deserializer<Refusal> = 0_u64.into_deserializer();
        Ok((seed.deserialize(first)?, self))
    }
}

impl<'de> VariantAccess<'de> for Placeholder<'_> {
    type Error = Refusal;

    fn unit_variant(self) -> Result<(), Refusal> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Refusal> {
        self.place.check_depth()?;
        seed.deserialize(Placeholder::new(self.place.index(0), self.candidate))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Refusal> {
        self.visit_list(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Refusal> {
        self.visit_entries(fields.iter().map(|name| (*name).into()), visitor)
    }
}
