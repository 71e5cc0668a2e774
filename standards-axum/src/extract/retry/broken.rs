//! The rules that a value breaks.

use garde::Validate;
use garde::i18n::with_i18n;

use crate::extract::reason::rule::{Rule, Telling};
use crate::extract::reason::rules::Bilingual;

/// One rule that was broken.
pub(super) struct BrokenRule {
    /// Where, by Rust's names.
    pub(super) rust_path: String,
    /// In both languages, as a client may read it.
    pub(super) sentence: garde::Error,
    pub(super) rule: Rule,
}

/// Runs the rules of `value`.
pub(super) fn check(value: &impl Validate<Context = ()>) -> Result<(), garde::Report> {
    with_i18n(Bilingual, || value.validate())
}

/// All that are broken. They are run twice, in the same order: once for the sentences, once for the rules themselves.
pub(super) fn broken_rules(value: &impl Validate<Context = ()>) -> Vec<BrokenRule> {
    let sentences = check(value).err().map_or_else(Vec::new, garde::Report::into_inner);
    let rules = with_i18n(Telling, || value.validate()).err().map_or_else(Vec::new, garde::Report::into_inner);
    let both = sentences.into_iter().zip(&rules);
    both.map(|((path, sentence), (_, rule))| BrokenRule { rust_path: path.to_string(), sentence, rule: Rule::of(rule) }).collect()
}

/// Those of one place together.
pub(super) fn by_place(broken: &[BrokenRule]) -> impl Iterator<Item = &[BrokenRule]> {
    broken.chunk_by(|one, other| one.rust_path == other.rust_path)
}
