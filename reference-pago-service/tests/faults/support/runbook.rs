//! The records that `docs/runbook.md` shows, held against those that the service writes when it is broken.

use regex::Regex;

const RUNBOOK: &str = include_str!("../../../../docs/runbook.md");

/// The log has a record like the one that the runbook shows with `told` in it.
#[track_caller]
pub(crate) fn assert_as_in_runbook(log: &str, told: &str) {
    let is_shown = |line: &&str| line.starts_with("{\"@timestamp\"") && line.contains(told);
    let shown: Vec<&str> = RUNBOOK.lines().filter(is_shown).collect();
    assert_eq!(shown.len(), 1, "the runbook shows `{told}` so often: {shown:#?}");
    let like = pattern(shown[0]);
    // Few lines are looked at closely: payments go on meanwhile, and their time is measured.
    let told: Vec<&str> = log.lines().filter(|line| line.contains(told)).collect();
    assert!(told.iter().any(|line| like.is_match(line)), "nothing is like {}: {told:#?}", shown[0]);
}

/// `…` stands for anything or nothing, a number for any other, and so do its ids and its servers for those of a test.
fn pattern(shown: &str) -> Regex {
    let named = shown.replace("pedido-4711", "…").replace("h1:5432", "…").replace("h2:5432", "…");
    let numbers = Regex::new(r"[0-9]+(\\\.[0-9]+)?").unwrap();
    let escaped = regex::escape(&named);
    let text = numbers.replace_all(&escaped, "[0-9.]+").replace(",…,", ",(.*,)?").replace('…', ".*");
    Regex::new(&format!("^{text}$")).unwrap()
}
