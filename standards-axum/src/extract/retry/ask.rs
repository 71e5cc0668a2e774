//! Asking a type what it takes: a request is made up, read as any other, and it is told which rule refuses which part.

use garde::Validate;
use garde::i18n::with_i18n;
use serde::de::DeserializeOwned;

use super::search::Broken;
use super::{Survey, check};
use crate::extract::read::{Document, FieldPath, Fix};
use crate::extract::reason::rule::{Rule, Telling};

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
        // The same rules in the same order, once as sentences, by which fields are found, and once as they are.
        let sentences = check(value).err().map_or_else(Vec::new, garde::Report::into_inner);
        let rules = with_i18n(Telling, || value.validate()).err().map_or_else(Vec::new, garde::Report::into_inner);
        let both: Vec<_> =
            sentences.iter().zip(&rules).map(|((path, sentence), (_, rule))| (path.to_string(), sentence, rule)).collect();
        let mut broken = Vec::new();
        for of_one in both.chunk_by(|(path, ..), (other, ..)| path == other) {
            let Some((rust_path, ..)) = of_one.first().filter(|(path, ..)| is_of_a_first_entry(path)) else { continue };
            let messages = of_one.iter().map(|(_, sentence, _)| sentence.message()).collect();
            let path = self.client_path::<T>(&Broken { rust_path, messages });
            if !self.plan.treats(&path) {
                broken.extend(of_one.iter().map(|(.., rule)| (path.clone(), Rule::of(rule))));
            }
        }
        broken
    }
}

/// Whether a path leads to no entry of a list but a first one: the others are copies of it.
fn is_of_a_first_entry(path: &str) -> bool {
    path.split('[').skip(1).all(|index| index.starts_with("0]"))
}
