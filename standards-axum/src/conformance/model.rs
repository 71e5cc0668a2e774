//! What a rule comes to.

use standards_core::rules::{Bilingual, Rule};

use super::text::{both, clean};

/// How many pieces of evidence are kept for a rule.
const KEPT: usize = 5;

/// What a judge says of what was recorded.
#[derive(Debug)]
pub(super) enum Finding {
    /// The rule is kept by all that was seen.
    Pass,
    /// It is broken, and by what.
    Fail(Vec<Evidence>),
    /// It asks nothing of this service.
    NotApplicable(Bilingual),
    /// Nothing was seen that it could be judged by.
    Absent,
    /// The same, for a reason of its own.
    NotTested(Bilingual),
}

/// Why a rule is broken: one place where it is.
#[derive(Clone, Debug)]
pub(super) struct Evidence {
    /// What the rule asks for.
    pub expected: Bilingual,
    /// What was seen, as [`clean`] text.
    pub obtained: String,
    /// The request, as `curl` would send it.
    pub request: Option<String>,
}

/// What is wrong with one answer or record.
#[derive(Debug)]
pub(super) struct Wrong {
    pub expected: Bilingual,
    pub obtained: String,
}

/// An answer or a record looked at by itself.
pub(super) type Looked = Result<(), Wrong>;

/// `Err` where it does not hold.
pub(super) fn hold(holds: bool, expected: impl FnOnce() -> Bilingual, obtained: impl FnOnce() -> String) -> Looked {
    if holds { Ok(()) } else { Err(Wrong { expected: expected(), obtained: obtained() }) }
}

impl Wrong {
    /// Evidence, with the request that it was seen by.
    pub(super) fn by(self, request: Option<String>) -> Evidence {
        Evidence { expected: self.expected, obtained: clean(&self.obtained), request }
    }
}

impl Finding {
    /// Absent where nothing was looked at, else broken by the first wrong ones.
    pub(super) fn of(looked: impl IntoIterator<Item = Result<(), Evidence>>) -> Self {
        let (mut seen, mut wrong) = (0_usize, Vec::new());
        for one in looked {
            seen += 1;
            if let Err(evidence) = one
                && wrong.len() < KEPT
            {
                wrong.push(evidence);
            }
        }
        match (seen, wrong.is_empty()) {
            (0, _) => Self::Absent,
            (_, true) => Self::Pass,
            (_, false) => Self::Fail(wrong),
        }
    }

    /// Broken, by one thing.
    pub(super) fn broken(expected: Bilingual, obtained: &str, request: Option<String>) -> Self {
        Self::Fail(vec![Evidence { expected, obtained: clean(obtained), request }])
    }

    /// Both: broken by what breaks either; absent where both are.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Fail(mut left), Self::Fail(right)) => {
                left.extend(right);
                Self::Fail(left)
            }
            (fail @ Self::Fail(_), _) | (_, fail @ Self::Fail(_)) => fail,
            (Self::Pass, _) | (_, Self::Pass) => Self::Pass,
            (left, _) => left,
        }
    }
}

/// How a rule stands in a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Status {
    Pass,
    Fail,
    /// Broken, but only desirable.
    Warn,
    Waived,
    NotApplicable,
    NotTested,
    /// For a person to look at.
    Review,
    /// The checker could not do its own work.
    Error,
}

impl Status {
    /// The word of the reports.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Waived => "waived",
            Self::NotApplicable => "n/a",
            Self::NotTested => "not-tested",
            Self::Review => "review",
            Self::Error => "error",
        }
    }

    /// The status of a word of the reports.
    pub(super) fn parse(word: &str) -> Option<Self> {
        const ALL: [Status; 8] = [
            Status::Pass,
            Status::Fail,
            Status::Warn,
            Status::Waived,
            Status::NotApplicable,
            Status::NotTested,
            Status::Review,
            Status::Error,
        ];
        ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// As a person says it.
    pub(super) fn told(self) -> Bilingual {
        match self {
            Self::Pass => both("cumple", "pass"),
            Self::Fail => both("no cumple", "fail"),
            Self::Warn => both("advertencia", "warning"),
            Self::Waived => both("con excepción", "waived"),
            Self::NotApplicable => both("no aplica", "does not apply"),
            Self::NotTested => both("sin probar", "not tested"),
            Self::Review => both("por revisar", "to be reviewed"),
            Self::Error => both("error", "error"),
        }
    }

    /// Whether the rule was seen broken, waived or not.
    pub(super) const fn is_broken(self) -> bool {
        matches!(self, Self::Fail | Self::Warn | Self::Error)
    }

    /// Whether nothing was seen of it.
    pub(super) const fn is_open(self) -> bool {
        matches!(self, Self::NotTested | Self::Review)
    }
}

/// A rule, and what it came to.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    pub rule: &'static Rule,
    pub status: Status,
    /// Why it was not tested, does not apply, or is waived; empty otherwise.
    pub reason: Bilingual,
    pub evidence: Vec<Evidence>,
}
