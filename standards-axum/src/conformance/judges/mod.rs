//! What each rule says of what was recorded: plain functions, without a network.

mod answers;
mod configuration;
mod correlation;
mod document;
mod envelope;
mod errors;
mod events;
mod lacking;
mod operation;
mod outage;
mod records;
mod security;
mod validation;

#[cfg(test)]
mod tests;

use standards_core::rules::{Need, Rule, RuleLevel, catalogue};

use super::exchange::{Answer, Exchange, Trouble};
use super::model::{Evidence, Finding, Judged, Looked, Status, Wrong};
use super::recorded::Recorded;
use super::text::both;

pub(super) use outage::RULES as OF_OUTAGES;

/// Every rule of the catalogue, judged; those that `wanted` leaves out are not tested.
pub(super) fn judge(recorded: &Recorded, wanted: impl Fn(&Rule) -> bool) -> Vec<Judged> {
    let left_out = || Finding::NotTested(both("Se dejó fuera con --only o --skip", "Left out by --only or --skip"));
    let each = catalogue().rules.iter().map(|rule| match wanted(rule) {
        true => judged(rule, recorded, find(rule, recorded)),
        false => judged(rule, recorded, left_out()),
    });
    each.collect()
}

fn find(rule: &Rule, recorded: &Recorded) -> Finding {
    match rule.family.as_str() {
        _ if OF_OUTAGES.contains(&rule.id.as_str()) => outage::judge(&rule.id, recorded),
        "API" => answers::judge(&rule.id, recorded),
        "ERR" => errors::judge(&rule.id, recorded),
        "VAL" => validation::judge(&rule.id, recorded),
        "COR" => correlation::judge(&rule.id, recorded),
        "LOG" => recorded.log_of(&rule.id).map_or(Finding::Absent, |log| records::judge(&rule.id, recorded, log)),
        "CFG" | "DB" => configuration::judge(&rule.id, recorded),
        "OPS" => operation::judge(&rule.id, recorded),
        "SEC" => security::judge(&rule.id, recorded),
        _ => Finding::Absent,
    }
}

fn judged(rule: &'static Rule, recorded: &Recorded, finding: Finding) -> Judged {
    let (status, reason, evidence) = match finding {
        Finding::Pass => (Status::Pass, None, Vec::new()),
        Finding::Fail(evidence) => (broken(rule.level), None, evidence),
        Finding::NotApplicable(reason) => (Status::NotApplicable, Some(reason), Vec::new()),
        Finding::NotTested(reason) => (Status::NotTested, Some(reason), Vec::new()),
        Finding::Absent if rule.needs == [Need::Evidence] => (Status::Review, Some(lacking::review()), Vec::new()),
        Finding::Absent => (Status::NotTested, Some(lacking::reason(rule, recorded)), Vec::new()),
    };
    Judged { rule, status, reason: reason.unwrap_or_else(|| both("", "")), evidence }
}

const fn broken(level: RuleLevel) -> Status {
    match level {
        RuleLevel::Must => Status::Fail,
        RuleLevel::Should | RuleLevel::Ext => Status::Warn,
    }
}

/// Looks at each answer; a request that got none breaks the rule, unless the run was out of time.
fn each<'a>(exchanges: impl Iterator<Item = &'a Exchange>, look: impl Fn(&Exchange, &Answer) -> Looked) -> Finding {
    Finding::of(exchanges.filter_map(|exchange| match &exchange.outcome {
        Ok(answer) => Some(look(exchange, answer).map_err(|wrong| wrong.by(Some(exchange.curl())))),
        Err(Trouble::Deadline) => None,
        Err(trouble) => Some(Err(unanswered(trouble).by(Some(exchange.curl())))),
    }))
}

/// Looks at each answer that there is.
fn answered<'a>(
    answers: impl Iterator<Item = (&'a Exchange, &'a Answer)>,
    look: impl Fn(&Exchange, &Answer) -> Looked,
) -> Finding {
    let each = answers.map(|(exchange, answer)| look(exchange, answer).map_err(|wrong| wrong.by(Some(exchange.curl()))));
    Finding::of(each.collect::<Vec<Result<(), Evidence>>>())
}

fn unanswered(trouble: &Trouble) -> Wrong {
    Wrong { expected: both("una respuesta HTTP", "an HTTP answer"), obtained: trouble.summary() }
}
