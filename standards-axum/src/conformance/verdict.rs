//! What all rules together come to.

use standards_core::rules::{Heading, Rule, RuleLevel, catalogue};

use super::model::{Judged, Status};

/// The word an architect signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Conforming,
    WithWaivers,
    Incomplete,
    NotConforming,
}

impl Verdict {
    /// The guideline's language, whatever that of the report.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Conforming => "CONFORME",
            Self::WithWaivers => "CONFORME CON EXCEPCIONES",
            Self::Incomplete => "INCOMPLETO",
            Self::NotConforming => "NO CONFORME",
        }
    }

    /// By the obligatory rules alone.
    pub(super) fn of(judged: &[Judged]) -> Self {
        let must = Count::of(judged, RuleLevel::Must);
        match must {
            Count { fail: 1.., .. } => Self::NotConforming,
            Count { not_tested: 1.., .. } => Self::Incomplete,
            Count { waived: 1.., .. } => Self::WithWaivers,
            _ => Self::Conforming,
        }
    }
}

/// The rules of a level, counted; those that do not apply are none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub pass: usize,
    pub fail: usize,
    pub waived: usize,
    /// Those for a person to review included.
    pub not_tested: usize,
    pub total: usize,
}

impl Count {
    pub(super) fn of(judged: &[Judged], level: RuleLevel) -> Self {
        let mut count = Self::default();
        for one in judged.iter().filter(|one| one.rule.level == level) {
            count.total += 1;
            match one.status {
                Status::Pass => count.pass += 1,
                Status::Fail | Status::Warn | Status::Error => count.fail += 1,
                Status::Waived => count.waived += 1,
                Status::NotTested | Status::Review => count.not_tested += 1,
                Status::NotApplicable => count.total -= 1,
            }
        }
        count
    }
}

/// The lowest level whose broken rules end a run with status 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FailOn {
    Level(RuleLevel),
    Never,
}

/// The exit status: 0, 1 where a rule is broken that counts, 2 where nothing was tested.
pub(super) fn exit(judged: &[Judged], fail_on: FailOn, require_all: bool) -> u8 {
    let counts = |rule: &Rule| matches!(fail_on, FailOn::Level(level) if rule.level <= level);
    let broken = judged.iter().any(|one| one.status.is_broken() && counts(one.rule));
    let open = require_all && judged.iter().any(|one| one.rule.level == RuleLevel::Must && one.status.is_open());
    let tested = judged.iter().any(|one| matches!(one.status, Status::Pass | Status::Fail | Status::Warn | Status::Waived));
    match (tested, broken || (open && fail_on != FailOn::Never)) {
        (false, _) => 2,
        (true, true) => 1,
        (true, false) => 0,
    }
}

/// A box of the guideline's checklist.
#[derive(Debug)]
pub(super) struct Ticked {
    pub heading: &'static Heading,
    pub status: Status,
    pub rules: Vec<&'static str>,
}

/// The checklist, each box by the obligatory rules that support it.
pub(super) fn checklist(judged: &[Judged]) -> Vec<Ticked> {
    catalogue().boxes.iter().map(|heading| tick(heading, judged)).collect()
}

fn tick(heading: &'static Heading, judged: &[Judged]) -> Ticked {
    let supporting = || judged.iter().filter(|one| one.rule.boxes.contains(&heading.id));
    let must: Vec<Status> = supporting().filter(|one| one.rule.level == RuleLevel::Must).map(|one| one.status).collect();
    let any = |wanted: &[Status]| must.iter().any(|status| wanted.contains(status));
    let status = if any(&[Status::Fail, Status::Error]) {
        Status::Fail
    } else if any(&[Status::NotTested]) {
        Status::NotTested
    } else if any(&[Status::Review]) {
        Status::Review
    } else if any(&[Status::Pass, Status::Waived]) {
        Status::Pass
    } else {
        Status::NotTested
    };
    Ticked { heading, status, rules: supporting().map(|one| one.rule.id.as_str()).collect() }
}

/// `MUST 23/31 · DESEABLES 2/7 · EXT 2/9`.
pub(super) fn fractions(judged: &[Judged]) -> String {
    let part = |level, name| {
        let count = Count::of(judged, level);
        format!("{name} {}/{}", count.pass + count.waived, count.total)
    };
    [part(RuleLevel::Must, "MUST"), part(RuleLevel::Should, "DESEABLES"), part(RuleLevel::Ext, "EXT")].join(" · ")
}
