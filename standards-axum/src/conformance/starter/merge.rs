//! What becomes of one file: the template's old text, the team's, the template's new one.

use std::borrow::Cow;

use diffy::MergeOptions;
use standards_core::rules::Bilingual;

use crate::conformance::text::both;

/// How the lines begin that stand around both sides of a conflict.
const MARKERS: [&str; 2] = ["<<<<<<< ", ">>>>>>> "];

/// What becomes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::conformance) enum Outcome {
    /// It is as the new template has it.
    Same,
    /// Only the team changed it.
    Kept,
    /// Only the template changed it.
    Replaced,
    /// Both did, in different places.
    Merged,
    /// Both did, in the same place: marked.
    Conflict,
    /// The template has it anew.
    Added,
    /// The template has it anew, and the team has another of the name.
    Own,
    /// The team deleted it.
    Deleted,
    /// The template has it no more, and the team had not touched it.
    Removed,
}

impl Outcome {
    /// In a word or two.
    pub(in crate::conformance) fn told(self) -> Bilingual {
        match self {
            Self::Same => both("igual", "same"),
            Self::Kept => both("conservado", "kept"),
            Self::Replaced => both("reemplazado", "replaced"),
            Self::Merged => both("combinado", "merged"),
            Self::Conflict => both("CONFLICTO", "CONFLICT"),
            Self::Added => both("agregado", "added"),
            Self::Own => both("ya existía", "existed"),
            Self::Deleted => both("sigue borrado", "still deleted"),
            Self::Removed => both("quitado", "removed"),
        }
    }
}

/// What becomes of a file, and its new text where it gets one.
pub(super) fn merge(base: Option<&str>, ours: Option<&str>, theirs: Option<&str>) -> (Outcome, Option<String>) {
    match (base, ours, theirs) {
        (Some(_), None, _) | (None, None, None) => (Outcome::Deleted, None),
        (None, None, Some(theirs)) => (Outcome::Added, Some(theirs.to_owned())),
        (base, Some(ours), theirs) => {
            let plain = with_line_ends(ours, false);
            let (outcome, text) = merge_plain(base, &plain, theirs);
            (outcome, text.map(|text| with_line_ends(&text, ours.contains("\r\n")).into_owned()))
        }
    }
}

fn merge_plain(base: Option<&str>, ours: &str, theirs: Option<&str>) -> (Outcome, Option<String>) {
    match (base, theirs) {
        (_, Some(theirs)) if theirs == ours => (Outcome::Same, None),
        (Some(base), None) if base == ours => (Outcome::Removed, None),
        (Some(base), Some(theirs)) if base == ours => (Outcome::Replaced, Some(theirs.to_owned())),
        (Some(base), Some(theirs)) if base != theirs => by_lines(base, ours, theirs),
        (None, Some(_)) => (Outcome::Own, None),
        _ => (Outcome::Kept, None),
    }
}

fn by_lines(base: &str, ours: &str, theirs: &str) -> (Outcome, Option<String>) {
    let mut options = MergeOptions::new();
    options.set_conflict_style(diffy::ConflictStyle::Merge);
    match options.merge(base, ours, theirs) {
        Ok(merged) => (Outcome::Merged, Some(merged)),
        Err(marked) => (Outcome::Conflict, Some(marked)),
    }
}

/// Whether a conflict of before is still in the text.
pub(super) fn is_marked(text: &str) -> bool {
    MARKERS.iter().all(|marker| text.lines().any(|line| line.starts_with(marker)))
}

/// The lines of a text ended as on Windows, or as elsewhere.
fn with_line_ends(text: &str, windows: bool) -> Cow<'_, str> {
    match (windows, text.contains("\r\n")) {
        (true, _) => text.replace("\r\n", "\n").replace('\n', "\r\n").into(),
        (false, true) => text.replace("\r\n", "\n").into(),
        (false, false) => text.into(),
    }
}
