//! How to get past a refusal on the next reading.

use crate::extract::read::{CANDIDATES, FieldPath, Fix, Plan};
use crate::extract::reason::Reason;

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

/// Decides how to get past a refusal.
pub(super) fn adopt(plan: &mut Plan, path: &FieldPath, reason: &Reason) -> Progress {
    if let Some(inner) = suspect(plan, path, reason) {
        return adopt(plan, &inner, reason);
    }
    let filled = plan.fixes().iter().any(|(other, fix)| fix.is_filled() && path.is_within(other));
    // How a text is shown is no treatment: it is the client's still.
    let old = plan.fix_at(|other| *other == *path.0).filter(|fix| !matches!(fix, Fix::Show(_)));
    let Some(new) = after(old, reason, filled).filter(|_| !path.0.is_empty()) else { return Progress::Stuck };
    plan.set(path, new);
    if filled || old.is_some() { Progress::Retry } else { Progress::New }
}

/// The placeholder inside `path` that may be what was refused there, rather than anything of the client's.
fn suspect(plan: &Plan, path: &FieldPath, reason: &Reason) -> Option<FieldPath> {
    let of_the_whole = matches!(reason, Reason::Length | Reason::Repeated(_) | Reason::UnknownField | Reason::Depth);
    let inside = |(other, fix): &&(FieldPath, Fix)| fix.is_filled() && other != path && other.is_within(path);
    let fixed = of_the_whole || plan.fix_at(|other| *other == *path.0).is_some();
    plan.fixes().iter().rfind(inside).filter(|_| !fixed).map(|(inner, _)| inner.clone())
}

/// The next treatment of a field that was refused in spite of `old`; `filled` when it stands inside a placeholder.
fn after(old: Option<Fix>, reason: &Reason, filled: bool) -> Option<Fix> {
    match (old, reason) {
        (None, Reason::Repeated(kept)) => Some(Fix::Keep(*kept)),
        (None, Reason::UnknownField) => Some(Fix::Keep(0)),
        (None, Reason::Form(form)) => Some(Fix::Word(form.sample)),
        (None, _) => Some(Fix::Fill(usize::from(filled))),
        (Some(Fix::Fill(n)), _) if n + 1 < CANDIDATES => Some(Fix::Fill(n + 1)),
        (Some(Fix::Fill(_)), _) => Some(Fix::Keep(0)),
        (Some(Fix::Keep(1..) | Fix::Word(_) | Fix::Hint | Fix::Show(_)), _) => Some(Fix::Fill(0)),
        (Some(Fix::Keep(0)), _) => None,
    }
}
