//! What is done, on the next reading, about the fields that were refused on the last one.

use std::cell::{Cell, RefCell};

use super::object::Entry;
use super::place::{FieldPath, Place, Segment};
use super::placeholder;
use super::reason::Reason;

/// The treatment of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fix {
    /// A plausible value stands in its place, the one of this number.
    Fill(usize),
    /// Only the first entries of its name are read, that many; none when no plausible value was found.
    Keep(usize),
}

/// The treatments so far, and notes taken while reading.
#[derive(Default)]
pub(super) struct Plan {
    fixes: Vec<(FieldPath, Fix)>,
    cost: Cell<usize>,
    shapes: Option<RefCell<Vec<(FieldPath, Shape)>>>,
}

/// What the type at a place is, for finding the client's name of a Rust field.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    Struct(&'static [&'static str]),
    Newtype,
}

/// What a further refusal means for the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// A field that was not known to be bad.
    New,
    /// Another attempt at one that was.
    Retry,
    /// No treatment is left.
    Stuck,
}

impl Plan {
    /// Decides how to get past a refusal.
    pub(super) fn adopt(&mut self, path: &FieldPath, reason: &Reason) -> Progress {
        if let Some(inner) = self.suspect(path, reason) {
            return self.adopt(&inner, reason);
        }
        let filled = self.fixes.iter().any(|(other, fix)| matches!(fix, Fix::Fill(_)) && path.is_within(other));
        let old = self.fix_at(|other| *other == *path.0);
        let Some(new) = Fix::after(old, reason, filled).filter(|_| !path.0.is_empty()) else { return Progress::Stuck };
        self.set(path, new);
        if filled || old.is_some() { Progress::Retry } else { Progress::New }
    }

    /// The placeholder inside `path` that may be what was refused there, rather than anything of the client's.
    fn suspect(&self, path: &FieldPath, reason: &Reason) -> Option<FieldPath> {
        let of_the_whole = matches!(reason, Reason::Length | Reason::Repeated(_) | Reason::UnknownField | Reason::Depth);
        let inside = |(other, fix): &&(FieldPath, Fix)| matches!(fix, Fix::Fill(_)) && other != path && other.is_within(path);
        let fixed = of_the_whole || self.fix_at(|other| *other == *path.0).is_some();
        self.fixes.iter().rfind(inside).filter(|_| !fixed).map(|(inner, _)| inner.clone())
    }

    fn set(&mut self, path: &FieldPath, fix: Fix) {
        match self.fixes.iter_mut().find(|(other, _)| other == path) {
            Some((_, old)) => *old = fix,
            None => self.fixes.push((path.clone(), fix)),
        }
    }

    pub(super) fn fix_at(&self, is: impl Fn(&[Segment]) -> bool) -> Option<Fix> {
        self.spend(self.fixes.len());
        self.fixes.iter().find(|(path, _)| is(&path.0)).map(|(_, fix)| *fix)
    }

    /// Drops, and supplies, entries of the object at `place` as decided.
    pub(super) fn repair<'p, I>(&'p self, place: &Place<'_>, entries: &mut Vec<Entry<'p, I>>) {
        for (path, fix) in &self.fixes {
            let Some((Segment::Key(key), object)) = path.0.split_last() else { continue };
            if place.is(object) {
                self.spend(entries.len());
                fix.apply(key, entries);
            }
        }
    }

    /// Whether `path` was refused, or lies inside something that was: its value is not the client's.
    pub(super) fn treats(&self, path: &FieldPath) -> bool {
        self.fixes.iter().any(|(other, _)| path.is_within(other))
    }

    /// Counts the work done: bytes looked at, fields and treatments compared.
    pub(super) fn spend(&self, bytes: usize) {
        self.cost.set(self.cost.get().saturating_add(bytes));
    }

    pub(super) fn cost(&self) -> usize {
        self.cost.get()
    }

    /// The same plan, noting the shapes of the types on its way.
    pub(super) fn noting_shapes(self) -> Self {
        Self { shapes: Some(RefCell::default()), ..self }
    }

    pub(super) fn note_shape(&self, place: &Place<'_>, shape: Shape) {
        if let Some(shapes) = &self.shapes {
            shapes.borrow_mut().push((place.path(), shape));
        }
    }

    /// The first shape at `path` in which `find` finds what it looks for.
    pub(super) fn find_shape<R>(&self, path: &FieldPath, find: impl Fn(Shape) -> Option<R>) -> Option<R> {
        let shapes = self.shapes.as_ref()?.borrow();
        shapes.iter().filter(|(other, _)| other == path).find_map(|(_, shape)| find(*shape))
    }
}

impl Fix {
    /// The next treatment of a field that was refused in spite of `old`; `filled` when it stands inside a placeholder.
    fn after(old: Option<Self>, reason: &Reason, filled: bool) -> Option<Self> {
        match (old, reason) {
            (None, Reason::Repeated(kept)) => Some(Self::Keep(*kept)),
            (None, Reason::UnknownField) => Some(Self::Keep(0)),
            (None, _) => Some(Self::Fill(usize::from(filled))),
            (Some(Self::Fill(n)), _) if n + 1 < placeholder::CANDIDATES => Some(Self::Fill(n + 1)),
            (Some(Self::Fill(_)), _) => Some(Self::Keep(0)),
            (Some(Self::Keep(1..)), _) => Some(Self::Fill(0)),
            (Some(Self::Keep(0)), _) => None,
        }
    }

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
