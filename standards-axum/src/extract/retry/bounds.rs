//! The other bound of a broken rule that may have two: garde tells the one that was broken.
//!
//! It is found by asking. A value far to the other side takes the place, and what is said of that has the other bound. Nothing is kept from one
//! request to the next: a bound may be another field of the request (`range(max = self.tope)`).

use garde::Validate;
use serde::de::DeserializeOwned;

use super::Survey;
use super::broken::{BrokenRule, broken_rules};
use crate::extract::read::{Document, FieldPath, Fix, Hint};
use crate::extract::reason::rule::Rule;
use crate::extract::reason::{Reason, rules};

/// The most that a type of number holds, and the least; what one type cannot hold the next one tries.
const LARGE: [i64; 7] =
    [i64::MAX, u32::MAX as i64, i32::MAX as i64, u16::MAX as i64, i16::MAX as i64, u8::MAX as i64, i8::MAX as i64];
const SMALL: [i64; 5] = [i64::MIN, i32::MIN as i64, i16::MIN as i64, i8::MIN as i64, 0];
/// Characters of a text, and entries of a list.
const LONG: [(usize, usize); 3] = [(64, 64), (1 << 12, 1_001), ((1 << 17) + 1, 10_001)];
/// What an entry costs, in bytes looked at.
const ENTRY: usize = 64;

impl<D: Document> Survey<'_, D> {
    /// The reason that tells both bounds, if the rule broken at `path` has another one.
    pub(super) fn both_bounds<T>(&mut self, path: &FieldPath, broken: &BrokenRule) -> Option<Reason>
    where
        T: DeserializeOwned + Validate<Context = ()>,
    {
        far_from(&broken.rule).into_iter().find_map(|hint| {
            let others = self.broken_by::<T>(path, hint)?;
            let of_the_same = others.iter().filter(|other| other.rust_path == broken.rust_path);
            of_the_same.map(|other| &other.rule).find_map(|other| rules::between(&broken.rule, other))
        })
    }

    /// The rules that are broken with what `hint` says at `path`.
    fn broken_by<T>(&mut self, path: &FieldPath, hint: Hint) -> Option<Vec<BrokenRule>>
    where
        T: DeserializeOwned + Validate<Context = ()>,
    {
        if self.is_spent() {
            return None;
        }
        self.plan.spend(hint.text.len() + hint.length * ENTRY);
        self.plan.set_hint(hint);
        let old = self.plan.set(path, Fix::Hint);
        let read = self.read::<T>();
        self.plan.restore(path, old);
        read.ok().map(|value| broken_rules(&value))
    }
}

/// Values far to every side, short enough to be tried in many places.
pub(super) fn extremes() -> impl Iterator<Item = Hint> {
    let number = String::new;
    let rules = [Rule::MinLength(0), Rule::MaxLength(0), Rule::Minimum(number()), Rule::Maximum(number())];
    rules.into_iter().flat_map(|rule| far_from(&rule)).filter(|hint| hint.length <= 64)
}

/// Days, instants and times far to either side.
const FAR: [&str; 6] = ["9999-12-31", "0001-01-01", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "23:59:59", "00:00:00"];

/// Values far to every side, for a rule that compares a field with another one: a plausible value may lie on the wrong side of that.
pub(super) fn far() -> impl Iterator<Item = Hint> {
    extremes().chain(FAR.into_iter().map(|text| Hint { text: text.to_owned(), ..Hint::default() }))
}

/// Values far to the side of a rule that was not broken.
fn far_from(rule: &Rule) -> Vec<Hint> {
    let number = |number: &i64| Hint { number: *number, text: number.to_string(), length: 0 };
    let long = |(characters, length): &(usize, usize)| Hint { text: "a".repeat(*characters), number: 0, length: *length };
    match rule {
        Rule::Minimum(_) => LARGE.iter().map(number).collect(),
        Rule::Maximum(_) => SMALL.iter().map(number).collect(),
        Rule::MinLength(_) => LONG.iter().map(long).collect(),
        Rule::MaxLength(_) => vec![Hint::default()],
        _ => Vec::new(),
    }
}
