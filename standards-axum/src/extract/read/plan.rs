//! What a reading puts in the place of fields that an earlier one refused, and what it notes on its way.

use std::cell::{Cell, RefCell};

use super::object::Entry;
use super::place::{FieldPath, Place, Segment};
use super::placeholder::Placeholder;
use super::shown::Shown;
use crate::extract::reason::Kind;

/// The treatment of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::extract) enum Fix {
    /// A plausible value stands in its place, the one of this number.
    Fill(usize),
    /// This text stands in its place.
    Word(&'static str),
    /// What the plan's [`Hint`] says stands in its place.
    Hint,
    /// Only the first entries of its name are read, that many; none when no plausible value was found.
    Keep(usize),
    /// The client's text is shown as this type to who takes it in before it asks for anything.
    Show(Kind),
}

/// What a note costs, in bytes looked at.
const NOTE: usize = 8;

/// The treatments so far, and notes taken while reading.
#[derive(Default)]
pub(in crate::extract) struct Plan {
    fixes: Vec<(FieldPath, Fix)>,
    cost: Cell<usize>,
    notes: RefCell<Notes>,
    hint: Hint,
}

/// A value that a broken rule asks for, as far as its words tell.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::extract) struct Hint {
    pub(in crate::extract) text: String,
    pub(in crate::extract) number: i64,
    /// So many elements.
    pub(in crate::extract) length: usize,
}

/// What is noted on the way.
#[derive(Default)]
pub(in crate::extract) struct Notes {
    shapes: Vec<(FieldPath, Shape)>,
    taken: Vec<(FieldPath, Shown)>,
}

/// What the type at a place is, for finding the client's name of a Rust field.
pub(in crate::extract) enum Shape {
    Struct(&'static [&'static str]),
    Newtype,
    /// An object with these keys, whatever it was read as.
    Object(Vec<Box<str>>),
    List,
    /// An enum whose variant is named by a key around its content.
    Variant(Box<str>),
}

impl Plan {
    /// Treats the field at `path` so from now on; how it was treated before.
    pub(in crate::extract) fn set(&mut self, path: &FieldPath, fix: Fix) -> Option<Fix> {
        match self.fixes.iter_mut().find(|(other, _)| other == path) {
            Some((_, old)) => Some(std::mem::replace(old, fix)),
            None => {
                self.fixes.push((path.clone(), fix));
                None
            }
        }
    }

    /// Takes back what [`set`](Self::set) did.
    pub(in crate::extract) fn restore(&mut self, path: &FieldPath, old: Option<Fix>) {
        match old {
            Some(fix) => drop(self.set(path, fix)),
            None => self.fixes.retain(|(other, _)| other != path),
        }
    }

    /// The treatments so far, in the order in which they were begun.
    pub(in crate::extract) fn fixes(&self) -> &[(FieldPath, Fix)] {
        &self.fixes
    }

    pub(in crate::extract) fn fix_at(&self, is: impl Fn(&[Segment]) -> bool) -> Option<Fix> {
        self.spend(self.fixes.len());
        self.fixes.iter().find(|(path, _)| is(&path.0)).map(|(_, fix)| *fix)
    }

    /// Drops, and supplies, entries of the object at `place` as decided.
    pub(in crate::extract) fn repair<'p, I>(&'p self, place: &Place<'_>, entries: &mut Vec<Entry<'p, I>>) {
        for (path, fix) in &self.fixes {
            let Some((Segment::Key(key), object)) = path.0.split_last() else { continue };
            if place.is(object) {
                self.spend(entries.len());
                fix.apply(key, entries);
            }
        }
    }

    /// Whether `path` was refused, or lies inside something that was: its value is not the client's.
    pub(in crate::extract) fn treats(&self, path: &FieldPath) -> bool {
        self.fixes.iter().any(|(other, fix)| !matches!(fix, Fix::Show(_)) && path.is_within(other))
    }

    /// Whether all that is read is the client's.
    pub(in crate::extract) fn is_faithful(&self) -> bool {
        self.fixes.iter().all(|(_, fix)| matches!(fix, Fix::Show(_)))
    }

    /// Whether what `old` left at `path` was a placeholder, or part of one.
    pub(in crate::extract) fn was_filled(&self, path: &FieldPath, old: Option<Fix>) -> bool {
        let around = |(other, fix): &(FieldPath, Fix)| other != path && fix.is_filled() && path.is_within(other);
        old.is_some_and(Fix::is_filled) || self.fixes.iter().any(around)
    }

    /// Counts the work done: bytes looked at, fields and treatments compared.
    pub(in crate::extract) fn spend(&self, bytes: usize) {
        self.cost.set(self.cost.get().saturating_add(bytes));
    }

    pub(in crate::extract) fn cost(&self) -> usize {
        self.cost.get()
    }

    /// Begins another reading.
    pub(in crate::extract) fn forget_notes(&mut self) {
        self.notes = RefCell::default();
    }

    /// Takes the notes out, so that other readings leave them alone until they are [put back](Self::restore_notes).
    pub(in crate::extract) fn take_notes(&mut self) -> Notes {
        self.notes.take()
    }

    pub(in crate::extract) fn restore_notes(&mut self, notes: Notes) {
        self.notes = RefCell::new(notes);
    }

    pub(in crate::extract) fn set_hint(&mut self, hint: Hint) {
        self.hint = hint;
    }

    pub(in crate::extract) const fn hint(&self) -> &Hint {
        &self.hint
    }

    pub(in crate::extract) fn note_shape(&self, place: &Place<'_>, shape: Shape) {
        self.spend(NOTE);
        self.notes.borrow_mut().shapes.push((place.path(), shape));
    }

    pub(in crate::extract) fn note_taken(&self, place: &Place<'_>, shown: Shown) {
        self.spend(NOTE);
        self.notes.borrow_mut().taken.push((place.path(), shown));
    }

    /// What was taken in so at `path`.
    pub(in crate::extract) fn taken_at(&self, path: &FieldPath) -> Option<Shown> {
        self.taken_within(path).into_iter().find(|(other, _)| other == path).map(|(_, shown)| shown)
    }

    /// What was taken in so at `path` and inside it, in the order in which it was read.
    pub(in crate::extract) fn taken_within(&self, path: &FieldPath) -> Vec<(FieldPath, Shown)> {
        let notes = self.notes.borrow();
        self.spend(notes.taken.len());
        notes.taken.iter().filter(|(other, _)| other.is_within(path)).cloned().collect()
    }

    /// The first shape at `path` in which `find` finds what it looks for.
    pub(in crate::extract) fn find_shape<R>(&self, path: &FieldPath, find: impl Fn(&Shape) -> Option<R>) -> Option<R> {
        let notes = self.notes.borrow();
        self.spend(notes.shapes.len());
        notes.shapes.iter().filter(|(other, _)| other == path).find_map(|(_, shape)| find(shape))
    }

    /// What `list` makes of each shape at `path` and inside it, in the order in which they were read.
    pub(in crate::extract) fn shapes_within<R>(
        &self,
        path: &FieldPath,
        mut list: impl FnMut(&FieldPath, &Shape) -> Vec<R>,
    ) -> Vec<R> {
        let notes = self.notes.borrow();
        self.spend(notes.shapes.len());
        notes.shapes.iter().filter(|(other, _)| other.is_within(path)).flat_map(|(other, shape)| list(other, shape)).collect()
    }
}

impl Fix {
    /// Whether something stands in the place of what the client sent.
    pub(in crate::extract) const fn is_filled(self) -> bool {
        matches!(self, Self::Fill(_) | Self::Word(_) | Self::Hint)
    }

    /// What stands there.
    pub(super) fn placeholder(self, place: Place<'_>) -> Option<Placeholder<'_>> {
        match self {
            Self::Fill(candidate) => Some(Placeholder::new(place, candidate)),
            Self::Word(word) => Some(Placeholder::saying(place, word)),
            Self::Hint => place.plan().map(|plan| Placeholder::hinted(place, plan.hint())),
            Self::Keep(_) | Self::Show(_) => None,
        }
    }

    fn apply<'p, I>(self, key: &'p str, entries: &mut Vec<Entry<'p, I>>) {
        let mut left = match self {
            Self::Fill(_) | Self::Word(_) | Self::Hint => 1,
            Self::Keep(kept) => kept,
            Self::Show(_) => return,
        };
        entries.retain(|entry| {
            let keep = entry.key != key || left > 0;
            left -= usize::from(keep && entry.key == key);
            keep
        });
        if self.is_filled() && left == 1 {
            entries.push(Entry { key: key.into(), item: None });
        }
    }
}
