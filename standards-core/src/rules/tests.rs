//! What reports rely on.

use std::collections::HashSet;

use super::{Bilingual, Rule, RuleLevel, catalogue};

#[test]
fn every_box_of_the_checklist_has_a_rule() {
    let supported: HashSet<&str> = catalogue().rules.iter().flat_map(|rule| rule.boxes.iter().map(String::as_str)).collect();
    let boxes: Vec<&str> = catalogue().boxes.iter().map(|heading| heading.id.as_str()).collect();
    assert_eq!(boxes, ["S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S10", "L1", "L2", "L3", "L4", "L5", "L6"]);
    assert_eq!(supported, boxes.into_iter().collect());
}

#[test]
fn every_box_stands_on_an_obligatory_rule() {
    for heading in &catalogue().boxes {
        let found = catalogue().rules.iter().any(|rule| rule.level == RuleLevel::Must && rule.boxes.contains(&heading.id));
        assert!(found, "{}", heading.id);
    }
}

#[test]
fn ids_are_unique_and_begin_with_their_family() {
    let mut seen = HashSet::new();
    for rule in &catalogue().rules {
        assert!(seen.insert(&rule.id), "twice: {}", rule.id);
        let (family, number) = rule.id.split_once('-').unwrap();
        assert_eq!(family, rule.family);
        assert!(number.len() == 2 && number.parse::<u8>().is_ok(), "{}", rule.id);
        assert!(catalogue().families.iter().any(|heading| heading.id == family), "{family}");
    }
}

#[test]
fn there_are_66_rules_of_the_guideline_and_9_of_operation() {
    let (beside, guideline): (Vec<_>, Vec<_>) =
        catalogue().rules.iter().partition(|rule| ["OPS", "SEC"].contains(&&*rule.family));
    assert_eq!((guideline.len(), beside.len()), (66, 9));
    assert!(beside.iter().all(|rule| rule.level == RuleLevel::Ext));
}

#[test]
fn no_text_is_empty_or_padded() {
    for rule in &catalogue().rules {
        for text in texts(rule) {
            assert!(!text.is_empty() && text.trim() == text, "{}: {text:?}", rule.id);
        }
    }
}

#[test]
fn what_the_guideline_obliges_to_is_quoted() {
    for rule in catalogue().rules.iter().filter(|rule| rule.level == RuleLevel::Must) {
        assert!(rule.quote.is_some(), "{}", rule.id);
    }
}

fn texts(rule: &Rule) -> Vec<&str> {
    let mut texts: Vec<&str> = [&rule.title, &rule.why, &rule.check].into_iter().flat_map(both).collect();
    texts.extend([rule.fix_python.as_str(), rule.fix_rust.as_str()]);
    texts.extend(rule.quote.as_deref());
    texts
}

fn both(text: &Bilingual) -> [&str; 2] {
    [&text.es, &text.en]
}
