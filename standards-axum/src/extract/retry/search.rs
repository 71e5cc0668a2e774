//! Finding the client's field that a broken rule is about by trying: the one whose value decides over the rule.
//!
//! Each field that may be meant is given another value, and the request is read and judged again. Where the rule then holds, or says
//! something else, it is that field. Fields as deep as the rule's path come first: what is around one decides as well.

use garde::Validate;
use serde::de::DeserializeOwned;

use super::Survey;
use super::bounds::far;
use super::broken::{BrokenRule, check};
use super::client_path::alike;
use super::sample;
use crate::extract::read::{CANDIDATES, Document, FieldPath, Fix, Hint, Segment, Shape};
use crate::extract::reason::rule::Rule;
use crate::extract::reason::rules;

/// As many fields are tried.
const MAX_CANDIDATES: usize = 256;

/// As many placeholders may be what breaks a rule.
const MAX_PLACEHOLDERS: usize = 8;

/// A broken rule: where, by Rust's names, and what is said of it.
pub(super) struct Broken<'r> {
    pub(super) rust_path: &'r str,
    pub(super) messages: Vec<&'r str>,
    /// Whether it is one that garde does not bring along.
    is_of_ones_own: bool,
    /// The pattern that its text has to match, if there is one.
    pattern: Option<&'r str>,
}

impl<D: Document> Survey<'_, D> {
    /// The field inside `parent`, at its end the `rest` of the rule's path, that decides over the rule.
    pub(super) fn search<T>(&mut self, parent: &FieldPath, rest: &[Segment], broken: &Broken<'_>) -> Option<FieldPath>
    where
        T: DeserializeOwned + Validate<Context = ()>,
    {
        if self.is_spent() {
            return None;
        }
        let candidates = self.candidates(parent, rest);
        // The content of a tagged variant is one step further in, what is flattened some further out.
        let depths = [rest.len(), rest.len() + 1].into_iter().chain((1..rest.len()).rev());
        for depth in depths {
            let level: Vec<_> = candidates.iter().filter(|(_, other)| *other == depth).collect();
            for fix in fixes(CANDIDATES) {
                if let Some((found, _)) = level.iter().find(|(path, _)| self.alters_by::<T>(path, fix, broken)) {
                    return Some(found.clone());
                }
            }
        }
        None
    }

    /// Whether another value at `path`, plausible or far off, decides otherwise over the rule.
    pub(super) fn alters<T>(&mut self, path: &FieldPath, broken: &Broken<'_>) -> bool
    where
        T: DeserializeOwned + Validate<Context = ()>,
    {
        fixes(CANDIDATES).any(|fix| self.alters_by::<T>(path, fix, broken))
            || far().any(|hint| self.alters_with::<T>(path, Fix::Hint, hint, broken))
    }

    /// Whether a rule of one's own is broken only by a value that stands in the place of one that was refused, or did not come.
    pub(super) fn hinges_on_placeholder<T>(&mut self, broken: &Broken<'_>) -> bool
    where
        T: DeserializeOwned + Validate<Context = ()>,
    {
        let filled = self.plan.fixes().iter().filter(|(_, fix)| broken.is_of_ones_own && fix.is_filled());
        let filled: Vec<FieldPath> = filled.map(|(path, _)| path.clone()).take(MAX_PLACEHOLDERS).collect();
        filled.iter().any(|path| self.alters::<T>(path, broken))
    }

    fn alters_by<T>(&mut self, path: &FieldPath, fix: Fix, broken: &Broken<'_>) -> bool
    where
        T: DeserializeOwned + Validate<Context = ()>,
    {
        let hint = if fix == Fix::Hint { hint(broken) } else { Hint::default() };
        self.alters_with::<T>(path, fix, hint, broken)
    }

    fn alters_with<T>(&mut self, path: &FieldPath, fix: Fix, hint: Hint, broken: &Broken<'_>) -> bool
    where
        T: DeserializeOwned + Validate<Context = ()>,
    {
        if self.is_spent() {
            return false;
        }
        let notes = self.plan.take_notes();
        if fix == Fix::Hint {
            self.plan.set_hint(hint);
        }
        let old = self.plan.set(path, fix);
        let read = self.read::<T>();
        self.plan.restore(path, old);
        self.plan.restore_notes(notes);
        read.is_ok_and(|value| !broken.is_told_by(&check(&value)))
    }

    /// The fields inside `parent`, and how deep they are to Rust; those that the client sent first, and of them those with a name like the
    /// Rust one.
    fn candidates(&self, parent: &FieldPath, rest: &[Segment]) -> Vec<(FieldPath, usize)> {
        let mut sent = self.plan.shapes_within(parent, |path, shape| inside(path, steps(shape, rest)));
        let unsent = self.plan.shapes_within(parent, |path, shape| inside(path, names(shape)));
        let name = rest.iter().rev().find_map(|segment| if let Segment::Key(name) = segment { Some(&**name) } else { None });
        let is_like =
            |path: &FieldPath| matches!((path.0.last(), name), (Some(Segment::Key(key)), Some(name)) if alike(key, name));
        sent.sort_by_key(|path| !is_like(path));
        let mut candidates: Vec<FieldPath> = Vec::new();
        for path in sent.into_iter().chain(unsent).filter(|path| is_part(&path.0, parent.0.len(), rest)) {
            if candidates.len() < MAX_CANDIDATES && !candidates.contains(&path) {
                candidates.push(path);
            }
        }
        let hidden = self.plan.shapes_within(parent, |path, shape| hidden(path, shape).into_iter().collect());
        candidates.into_iter().map(|path| (depth(&path, parent, &hidden), path)).map(|(depth, path)| (path, depth)).collect()
    }
}

impl<'r> Broken<'r> {
    /// All that was broken in one place.
    pub(super) fn of(of_one: &'r [BrokenRule]) -> Option<Self> {
        let messages = of_one.iter().map(|broken| broken.sentence.message()).collect();
        let pattern =
            of_one.iter().find_map(|broken| if let Rule::Pattern(pattern) = &broken.rule { Some(&**pattern) } else { None });
        let is_of_ones_own = of_one.iter().any(|broken| matches!(broken.rule, Rule::Other));
        of_one.first().map(|first| Self { rust_path: &first.rust_path, messages, is_of_ones_own, pattern })
    }

    /// Whether it is broken just as before.
    fn is_told_by(&self, outcome: &Result<(), garde::Report>) -> bool {
        let Err(report) = outcome else { return false };
        let again = report.iter().filter(|(path, _)| path.to_string() == self.rust_path).map(|(_, error)| error.message());
        again.eq(self.messages.iter().copied())
    }
}

/// The values to be tried, the likeliest first.
fn fixes(candidates: usize) -> impl Iterator<Item = Fix> {
    std::iter::once(Fix::Hint).chain((0..candidates).map(Fix::Fill))
}

fn hint(broken: &Broken<'_>) -> Hint {
    match broken.pattern.and_then(sample::matching) {
        Some(text) => Hint { text, ..Hint::default() },
        None => broken.messages.first().map(|message| rules::hint(message)).unwrap_or_default(),
    }
}

fn inside(path: &FieldPath, steps: Vec<Segment>) -> Vec<FieldPath> {
    steps.into_iter().map(|step| FieldPath(path.0.iter().cloned().chain([step]).collect())).collect()
}

/// The steps from a value of this shape to what the client sent inside it.
fn steps(shape: &Shape, rest: &[Segment]) -> Vec<Segment> {
    match shape {
        Shape::Object(keys) => keys.iter().cloned().map(Segment::Key).collect(),
        Shape::List => rest.iter().filter(|segment| matches!(segment, Segment::Index(_))).cloned().collect(),
        Shape::Variant(name) => vec![Segment::Key(name.clone())],
        Shape::Struct(_) | Shape::Newtype => Vec::new(),
    }
}

/// A step that is one to Rust alone, or to the client alone.
fn hidden(path: &FieldPath, shape: &Shape) -> Option<(FieldPath, isize)> {
    match shape {
        Shape::Newtype => Some((path.clone(), 1)),
        Shape::Variant(name) => inside(path, vec![Segment::Key(name.clone())]).pop().map(|path| (path, -1)),
        _ => None,
    }
}

/// The steps from `parent` to `path` as Rust counts them.
fn depth(path: &FieldPath, parent: &FieldPath, hidden: &[(FieldPath, isize)]) -> usize {
    let more: isize = hidden.iter().filter(|(other, _)| path.is_within(other) && other != parent).map(|(_, more)| more).sum();
    (path.0.len() - parent.0.len()).saturating_add_signed(more)
}

fn names(shape: &Shape) -> Vec<Segment> {
    match shape {
        Shape::Struct(names) => names.iter().map(|name| Segment::Key((*name).into())).collect(),
        _ => Vec::new(),
    }
}

/// Whether the indices of `path` after its first `skipped` steps are some of those of `rest`, in their order.
fn is_part(path: &[Segment], skipped: usize, rest: &[Segment]) -> bool {
    let is_index = |segment: &&Segment| matches!(segment, Segment::Index(_));
    let mut all = rest.iter().filter(is_index);
    path.iter().skip(skipped).filter(is_index).all(|one| all.any(|other| other == one))
}
