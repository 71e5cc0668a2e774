//! Finding the refused value among those that a type took in before it asked for anything.
//!
//! What stands behind `#[serde(flatten)]` or a tag is read by serde into values of its own first, without their places; a refusal of one
//! of them names no place, but what the value looks like. So those that look like it are suspects: each in turn is given another
//! value, and the one without which the refusal is another, or none, is to blame.

use std::collections::VecDeque;

use serde::de::DeserializeOwned;

use super::Survey;
use crate::extract::read::{CANDIDATES, Complaint, Document, FieldPath, Fix, Plan, Segment, Shown, candidates_of};
use crate::extract::reason::{Kind, Reason};

impl<D: Document> Survey<'_, D> {
    /// Finds what is to blame, treats it, and says what is refused then. `None` where nothing is suspect, or nothing helps.
    pub(super) fn locate<T: DeserializeOwned>(
        &mut self,
        suspects: &[FieldPath],
        complaint: &Complaint,
    ) -> Option<Result<T, Complaint>> {
        let mut treatments = Treatments::of(complaint, D::OF_TEXTS);
        while !suspects.is_empty() && !self.is_spent() {
            let fix = treatments.next()?;
            // One alone first; then, for equal values that are bad in several places, all of them together.
            for together in [false, true].into_iter().take(suspects.len()) {
                let outcome = self.treat(suspects, (fix, together), complaint, &mut treatments);
                if outcome.is_some() {
                    return outcome;
                }
            }
        }
        None
    }

    /// Treats one suspect after the other, alone or `together` with those before it, until something else is refused, or nothing.
    fn treat<T: DeserializeOwned>(
        &mut self,
        suspects: &[FieldPath],
        (fix, together): (Fix, bool),
        complaint: &Complaint,
        treatments: &mut Treatments,
    ) -> Option<Result<T, Complaint>> {
        let mut held = Vec::new();
        for path in suspects {
            let (treated, outcome) = self.try_on::<T>(path, fix, complaint);
            match outcome {
                Err(other) if other == *complaint && together => held.push(treated),
                Err(other) if other == *complaint => self.plan.restore(path, treated.old),
                Err(other) if treatments.doubts(fix, &other) || self.is_about::<T>(&other, &treated, complaint) => {
                    treatments.hint(&other.reason);
                    self.plan.restore(path, treated.old);
                }
                _ => return Some(self.blame(&held, &treated, complaint)),
            }
            if self.is_spent() {
                break;
            }
        }
        held.iter().for_each(|treated| self.plan.restore(treated.path, treated.old));
        None
    }

    /// Treats one suspect. Only what is the client's can be shown as another type, and only where its text is one; else it is made one.
    fn try_on<'p, T: DeserializeOwned>(
        &mut self,
        path: &'p FieldPath,
        fix: Fix,
        complaint: &Complaint,
    ) -> (Treated<'p>, Result<T, Complaint>) {
        let old = self.plan.fix_at(|other| *other == *path.0);
        let mut treated = Treated { path, fix, old, reason: told(complaint, D::OF_TEXTS) };
        let Fix::Show(kind) = fix else { return self.put(treated) };
        if !self.plan.was_filled(path, old) {
            match self.put(treated) {
                (shown, Err(other)) if other.path == *path && *path != complaint.path => {
                    treated = Treated { reason: other.reason, ..shown };
                }
                tried => return tried,
            }
        }
        self.put(Treated { fix: of_type(kind), ..treated })
    }

    fn put<'p, T: DeserializeOwned>(&mut self, treated: Treated<'p>) -> (Treated<'p>, Result<T, Complaint>) {
        self.plan.set(treated.path, treated.fix);
        (treated, self.read())
    }

    /// Whether `other` refuses what now stands in the suspect's place.
    fn is_about<T: DeserializeOwned>(&mut self, other: &Complaint, treated: &Treated<'_>, complaint: &Complaint) -> bool {
        match (other.shown, treated.fix, wanted(&complaint.reason), wanted(&other.reason)) {
            // A type's own words name no value. They may be about another field, but to believe it could blame the innocent.
            (None, ..) => complaint.shown.is_none() && other.path == complaint.path,
            (Some(shown), ..) if self.plan.taken_at(treated.path) != Some(shown) => false,
            // The text was a number as it should be, but is a bad one.
            (_, Fix::Show(_), ..) if matches!(other.reason, Reason::Range(_)) => false,
            (.., Some(before), Some(now)) if before != now => !self.is_refused_for::<T>(treated, complaint, before, now),
            _ => true,
        }
    }

    /// Whether the suspect is refused with a placeholder of the type `now`, since it has to be of the type `before`: then it was something
    /// else that has to be of the type `now`, and only looks the same.
    fn is_refused_for<T>(&mut self, treated: &Treated<'_>, complaint: &Complaint, before: Kind, now: Kind) -> bool
    where
        T: DeserializeOwned,
    {
        let refused = candidates_of(now).iter().any(|candidate| {
            self.plan.set(treated.path, Fix::Fill(*candidate));
            let refusal = self.read::<T>().err();
            let here = self.plan.taken_at(treated.path);
            here != complaint.shown && refusal.is_some_and(|it| wanted(&it.reason) == Some(before) && it.shown == here)
        });
        self.plan.set(treated.path, treated.fix);
        refused
    }

    /// Reports the `last` suspect treated, and those before it without whose treatment the complaint is back; the others are the client's
    /// again. Then the request is read once more.
    fn blame<T: DeserializeOwned>(
        &mut self,
        held: &[Treated<'_>],
        last: &Treated<'_>,
        complaint: &Complaint,
    ) -> Result<T, Complaint> {
        let mut held: Vec<_> = held.iter().collect();
        let mut refused = if held.is_empty() { None } else { self.read::<T>().err() };
        // An innocent one's treatment may be refused before a guilty one is reached: those that decide nothing are asked again.
        let mut before = usize::MAX;
        while held.len() < before && !self.is_spent() {
            before = held.len();
            held.retain(|treated| !self.decides::<T>(treated, complaint, &mut refused));
        }
        held.iter().for_each(|treated| self.plan.restore(treated.path, treated.old));
        self.report_treated(last);
        self.read()
    }

    /// Whether without the treatment of one of several something else is `refused`: the complaint, then it is to blame and reported, or
    /// another, then it is the client's again.
    fn decides<T>(&mut self, treated: &Treated<'_>, complaint: &Complaint, refused: &mut Option<Complaint>) -> bool
    where
        T: DeserializeOwned,
    {
        self.plan.restore(treated.path, treated.old);
        let again = self.read::<T>().err();
        let is_guilty = again.as_ref() == Some(complaint);
        let decides = is_guilty || again != *refused;
        if is_guilty {
            self.report_treated(treated);
        }
        if is_guilty || !decides {
            self.plan.set(treated.path, treated.fix);
        } else {
            *refused = again;
        }
        decides
    }

    /// A text that is only shown as another type is not refused yet, and a placeholder never was the client's.
    fn report_treated(&mut self, treated: &Treated<'_>) {
        if treated.fix.is_filled() && !self.plan.was_filled(treated.path, treated.old) {
            self.report(treated.path, &treated.reason);
        }
    }
}

/// A suspect with another value in its place.
struct Treated<'p> {
    path: &'p FieldPath,
    fix: Fix,
    /// How it was treated before.
    old: Option<Fix>,
    /// What the client is told of it, should it be to blame.
    reason: Reason,
}

/// The only place where the refused value can stand, though nothing else satisfied its type.
pub(super) fn culprit<'s>(suspects: &'s [FieldPath], plan: &Plan, complaint: &Complaint) -> Option<&'s FieldPath> {
    match suspects {
        [only] if complaint.shown.is_some() && !plan.treats(only) => Some(only),
        _ => None,
    }
}

/// The reason as the client is told it.
fn told(complaint: &Complaint, of_texts: bool) -> Reason {
    match (&complaint.reason, complaint.shown) {
        // Several texts of one name are shown as a list.
        (Reason::Type(_), Some(Shown::List)) if of_texts => Reason::Repeated(1),
        (reason, _) => reason.clone(),
    }
}

/// The places at which the refused value may stand, as far as it is not known.
pub(super) fn suspects(plan: &Plan, Complaint { path, reason, shown }: &Complaint) -> Vec<FieldPath> {
    if let Reason::Missing(_) = reason {
        return missing_from(plan, path);
    }
    let taken = plan.taken_within(path);
    let here = taken.iter().any(|(other, _)| other == path);
    let is_suspect = |(other, look): &(FieldPath, Shown)| match (shown, reason) {
        (_, Reason::Repeated(_) | Reason::UnknownField | Reason::Depth) => false,
        (Some(shown), _) => look == shown,
        (None, _) => !here && other != path && !look.is_container(),
    };
    taken.into_iter().filter(is_suspect).map(|(other, _)| other).collect()
}

/// The objects in which the field at `path` may be missing: the one that it is said of, or one inside that.
fn missing_from(plan: &Plan, path: &FieldPath) -> Vec<FieldPath> {
    let Some((field, object)) = path.0.split_last() else { return Vec::new() };
    let object = FieldPath(object.to_vec());
    let taken = plan.taken_within(&object);
    if taken.is_empty() {
        return Vec::new();
    }
    let inside = taken.into_iter().filter(|(other, look)| *look == Shown::Object && *other != object).map(|(other, _)| other);
    std::iter::once(object.clone()).chain(inside).map(|object| with(object, field.clone())).collect()
}

fn with(mut path: FieldPath, step: Segment) -> FieldPath {
    path.0.push(step);
    path
}

/// What is to be tried on the suspects, the likeliest first, each once.
struct Treatments {
    next: VecDeque<Fix>,
    tried: Vec<Fix>,
    /// What was missing once a variant was named.
    missing: Vec<Complaint>,
}

impl Treatments {
    fn of(complaint: &Complaint, of_texts: bool) -> Self {
        let mut likely = likely(&complaint.reason);
        if let (true, Reason::Type(kind @ (Kind::Integer | Kind::Number | Kind::Bool | Kind::List)), Some(Shown::Text(_))) =
            (of_texts, &complaint.reason, complaint.shown)
        {
            likely.insert(0, Fix::Show(*kind));
        }
        Self { next: likely.into_iter().chain((0..CANDIDATES).map(Fix::Fill)).collect(), tried: Vec::new(), missing: Vec::new() }
    }

    /// A suspect's type has said what it wants instead.
    fn hint(&mut self, reason: &Reason) {
        likely(reason).into_iter().rev().for_each(|fix| self.next.push_front(fix));
    }

    /// Whether the variant that `fix` names may be why something is missing. With another one it would not be, or something else.
    fn doubts(&mut self, fix: Fix, complaint: &Complaint) -> bool {
        let doubtful =
            matches!((fix, &complaint.reason), (Fix::Word(_), Reason::Missing(_))) && !self.missing.contains(complaint);
        if doubtful {
            self.missing.push(complaint.clone());
        }
        doubtful
    }

    fn next(&mut self) -> Option<Fix> {
        loop {
            let fix = self.next.pop_front()?;
            if !self.tried.contains(&fix) {
                self.tried.push(fix);
                return Some(fix);
            }
        }
    }
}

/// The type that a refusal asks for.
fn wanted(reason: &Reason) -> Option<Kind> {
    match reason {
        Reason::Type(kind) => Some(*kind),
        Reason::Range(_) => Some(Kind::Integer),
        _ => None,
    }
}

/// What satisfies a type that refuses for this reason, as far as that tells.
fn likely(reason: &Reason) -> Vec<Fix> {
    match (reason, wanted(reason)) {
        (_, Some(kind)) => candidates_of(kind).iter().copied().map(Fix::Fill).collect(),
        (Reason::Variant(words), _) => words.iter().map(|word| Fix::Word(word)).collect(),
        (Reason::Form(form), _) => vec![Fix::Word(form.sample)],
        _ => Vec::new(),
    }
}

/// A placeholder of this type.
fn of_type(kind: Kind) -> Fix {
    Fix::Fill(candidates_of(kind).first().copied().unwrap_or_default())
}
