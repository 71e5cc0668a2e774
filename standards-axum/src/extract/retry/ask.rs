//! Asking a type what it takes: a request is made up, read as any other, and it is told which rule refuses which part.

use garde::Validate;
use serde::de::DeserializeOwned;

use super::Survey;
use super::broken::{broken_rules, by_place};
use super::search::Broken;
use crate::extract::read::{Document, FieldPath, Fix};
use crate::extract::reason::rule::Rule;

/// After as much work on one request (see `MAX_COST`) its fields are no longer searched for.
const MAX_ASKED: usize = 1 << 22;

/// What a type says of a request that was made up.
pub(crate) struct Answer {
    /// The parts that the types refused.
    pub(crate) refused: Vec<FieldPath>,
    /// The rules that were broken by the others. `None`: the whole could not be read, so no rule was asked.
    pub(crate) broken: Option<Vec<(FieldPath, Rule)>>,
}

/// Reads `document` as a `T`.
pub(in crate::extract) fn ask<T>(document: &impl Document) -> Answer
where
    T: DeserializeOwned + Validate<Context = ()>,
{
    // It is our own, at start-up, and much larger than a client's.
    let mut survey = Survey { max_cost: MAX_ASKED, ..Survey::new(document) };
    let value: Option<T> = survey.read_past();
    let is_refusal = |fix: &Fix| !matches!(fix, Fix::Show(_));
    let refused = survey.plan.fixes().iter().filter(|(_, fix)| is_refusal(fix)).map(|(path, _)| path.clone()).collect();
    Answer { refused, broken: value.map(|value| survey.rules_broken_by(&value)) }
}

impl<D: Document> Survey<'_, D> {
    /// The rules that `value` breaks, but for those about placeholders.
    fn rules_broken_by<T: DeserializeOwned + Validate<Context = ()>>(&mut self, value: &T) -> Vec<(FieldPath, Rule)> {
        let mut broken = Vec::new();
        for of_one in by_place(&broken_rules(value)) {
            let Some(place) = Broken::of(of_one).filter(|place| is_of_a_first_entry(place.rust_path)) else { continue };
            let path = self.client_path::<T>(&place);
            if !self.plan.treats(&path) {
                broken.extend(of_one.iter().map(|it| (path.clone(), it.rule.clone())));
            }
        }
        broken
    }
}

/// Whether a path leads to no entry of a list but a first one: the others are copies of it.
fn is_of_a_first_entry(path: &str) -> bool {
    path.split('[').skip(1).all(|index| index.starts_with("0]"))
}
