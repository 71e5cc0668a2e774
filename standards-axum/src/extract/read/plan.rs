//! What a reading puts in the place of fields that an earlier one refused, and what it notes on its way.

use std::cell::{Cell, RefCell};

use super::object::Entry;
use super::place::{FieldPath, Place, Segment};

/// The treatment of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::extract) enum Fix {
    /// A plausible value stands in its place, the one of this number.
    Fill(usize),
    /// Only the first entries of its name are read, that many; none when no plausible value was found.
    Keep(usize),
}

/// The treatments so far, and notes taken while reading.
#[derive(Default)]
pub(in crate::extract) struct Plan {
    fixes: Vec<(FieldPath, Fix)>,
    cost: Cell<usize>,
    shapes: Option<RefCell<Vec<(FieldPath, Shape)>>>,
}

/// What the type at a place is, for finding the client's name of a Rust field.
#[derive(Clone, Copy)]
pub(in crate::extract) enum Shape {
    Struct(&'static [&'static str]),
    Newtype,
}

impl Plan {
    /// Treats the field at `path` so from now on.
    pub(in crate::extract) fn set(&mut self, path: &FieldPath, fix: Fix) {
        match self.fixes.iter_mut().find(|(other, _)| other == path) {
            Some((_, old)) => *old = fix,
            None => self.fixes.push((path.clone(), fix)),
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
        self.fixes.iter().any(|(other, _)| path.is_within(other))
    }

    /// Counts the work done: bytes looked at, fields and treatments compared.
    pub(in crate::extract) fn spend(&self, bytes: usize) {
        self.cost.set(self.cost.get().saturating_add(bytes));
    }

    pub(in crate::extract) fn cost(&self) -> usize {
        self.cost.get()
    }

    /// The same plan, noting the shapes of the types on its way.
    pub(in crate::extract) fn noting_shapes(self) -> Self {
        Self { shapes: Some(RefCell::default()), ..self }
    }

    pub(in crate::extract) fn note_shape(&self, place: &Place<'_>, shape: Shape) {
        if let Some(shapes) = &self.shapes {
            shapes.borrow_mut().push((place.path(), shape));
        }
    }

    /// The first shape at `path` in which `find` finds what it looks for.
    pub(in crate::extract) fn find_shape<R>(&self, path: &FieldPath, find: impl Fn(Shape) -> Option<R>) -> Option<R> {
        let shapes = self.shapes.as_ref()?.borrow();
        shapes.iter().filter(|(other, _)| other == path).find_map(|(_, shape)| find(*shape))
    }
}

impl Fix {
    fn apply<'p, I>(self, key: &'p str, entries: &mut Vec<Entry<'p, I>>) {
        let mut left = match self {
            Self::Fill(_) => 1,
            Self::Keep(kept) => kept,
        };
        entries.retain(|entry| {
            let keep = entry.key != key || left > 0;
            left -= usize::from(keep && entry.key == key);
            keep
        });
        if matches!(self, Self::Fill(_)) && left == 1 {
            entries.push(Entry { key: key.into(), item: None });
        }
    }
}
