//! Where in a request a value stands.

use std::fmt;

use super::plan::{Fix, Plan, Shape};
use super::refusal::Refusal;
use super::shown::Shown;
use crate::extract::reason::Reason;

/// As deep as `serde_json` itself reads; every level costs stack, and a stack that overflows ends the process.
const MAX_DEPTH: usize = 128;

/// One step from a value to a value inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    Key(Box<str>),
    Index(usize),
}

/// The steps from the root to a value, as the client wrote them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FieldPath(pub(crate) Vec<Segment>);

/// A value's place while it is being read: a chain of steps on the stack, which costs nothing when all goes well.
#[derive(Clone, Copy)]
pub(in crate::extract) struct Place<'p> {
    parent: Option<&'p Place<'p>>,
    step: Step<'p>,
    depth: usize,
    /// What earlier readings decided; the first has nothing to go by.
    plan: Option<&'p Plan>,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Root,
    Key(&'p str),
    Index(usize),
}

impl<'p> Place<'p> {
    pub(in crate::extract) const fn root(plan: Option<&'p Plan>) -> Self {
        Self { parent: None, step: Step::Root, depth: 0, plan }
    }

    /// The same for a part of a value that is read by itself, so deep inside it.
    pub(in crate::extract) const fn at_depth(depth: usize) -> Self {
        Self { parent: None, step: Step::Root, depth, plan: None }
    }

    pub(in crate::extract) fn key(&'p self, key: &'p str) -> Self {
        Self { parent: Some(self), step: Step::Key(key), depth: self.depth + 1, ..*self }
    }

    pub(in crate::extract) fn index(&'p self, index: usize) -> Self {
        Self { parent: Some(self), step: Step::Index(index), depth: self.depth + 1, ..*self }
    }

    pub(in crate::extract) const fn plan(&self) -> Option<&'p Plan> {
        self.plan
    }

    /// Notes what the type at this place is.
    pub(in crate::extract) fn note_shape(&self, shape: impl FnOnce() -> Shape) {
        if let Some(plan) = self.plan {
            plan.note_shape(self, shape());
        }
    }

    /// Notes that the type at this place takes in what is there before it asks for anything.
    pub(in crate::extract) fn note_taken(&self, shown: impl FnOnce() -> Shown) {
        if let Some(plan) = self.plan {
            plan.note_taken(self, shown());
        }
    }

    /// Counts bytes that were looked at.
    pub(in crate::extract) fn spend(&self, bytes: usize) {
        if let Some(plan) = self.plan {
            plan.spend(bytes);
        }
    }

    /// What the plan has decided for this value.
    pub(in crate::extract) fn fix(&self) -> Option<Fix> {
        self.plan?.fix_at(|path| self.is(path))
    }

    /// Whether values inside this one may still be read.
    pub(in crate::extract) fn check_depth(&self) -> Result<(), Refusal> {
        if self.depth < MAX_DEPTH { Ok(()) } else { Err(Reason::Depth.into()) }
    }

    /// Whether this place is `path`, given from the root.
    pub(in crate::extract) fn is(&self, path: &[Segment]) -> bool {
        match (self.parent, path.split_last()) {
            (None, None) => true,
            (Some(parent), Some((last, rest))) => self.step.is(last) && parent.is(rest),
            _ => false,
        }
    }

    pub(in crate::extract) fn path(&self) -> FieldPath {
        let mut path = self.parent.map(Place::path).unwrap_or_default();
        path.0.extend(self.step.segment());
        path
    }
}

impl Step<'_> {
    fn is(self, segment: &Segment) -> bool {
        match (self, segment) {
            (Self::Key(key), Segment::Key(other)) => *key == **other,
            (Self::Index(index), Segment::Index(other)) => index == *other,
            _ => false,
        }
    }

    fn segment(self) -> Option<Segment> {
        match self {
            Self::Root => None,
            Self::Key(key) => Some(Segment::Key(key.into())),
            Self::Index(index) => Some(Segment::Index(index)),
        }
    }
}

impl FieldPath {
    /// Whether this is `other`, or something inside it.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// `lineas[2].cantidad`; `root` names the whole, and stands before a path that starts with an index.
    pub(crate) fn to_field(&self, root: &str) -> String {
        match self.0.first() {
            Some(Segment::Key(_)) => self.to_string(),
            _ => format!("{root}{self}"),
        }
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(key) => write!(f, "{}{}", if i == 0 { "" } else { "." }, Name(key))?,
            }
        }
        Ok(())
    }
}

/// A key of the client's own making is shown, but never longer than a name is, nor with characters that disturb a reader.
struct Name<'a>(&'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("_");
        }
        let plain = |c: char| if c.is_alphanumeric() || c == '-' { c } else { '_' };
        self.0.chars().take(64).try_for_each(|c| fmt::Write::write_char(f, plain(c)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_as_the_client_wrote_it() {
        let plan = Plan::default();
        let root = Place::root(Some(&plan));
        let (lines, second) = (root.key("lineas"), root.index(1));
        let line = lines.index(2);
        assert_eq!(line.key("cantidad").path().to_field("body"), "lineas[2].cantidad");
        assert_eq!(second.key("x").path().to_field("body"), "body[1].x");
        assert_eq!(root.path().to_field("body"), "body");
        assert!(line.is(&line.path().0) && !line.is(&lines.path().0));
    }

    #[test]
    fn a_hostile_key_is_shown_harmless() {
        let plan = Plan::default();
        let root = Place::root(Some(&plan));
        assert_eq!(root.key("\u{1b}[31mx\u{202e}").path().to_field("body"), "__31mx_");
        assert_eq!(root.key(&"k".repeat(999)).path().to_field("body").len(), 64);
    }
}
