//! `docs/cumplimiento.md`: each rule of the guideline, where it is kept, the test that shows it, and what `standards-check` says of the service.
//! And what `docs/decisions.md` says of the guideline's contradictions.
//!
//! `ACCEPT_PAGES=1 cargo test -p reference-pago-service --test api compliance` writes it.

mod matrix;
#[path = "../../../../standards-axum/tests/support/pages.rs"]
pub(crate) mod pages;

use std::collections::BTreeMap;
use std::fs;

use regex::Regex;
use serde::Deserialize;
use standards_core::rules::catalogue;

use self::pages::{assert_page, root};
use crate::conformance::{judged, profile};

/// Where a rule is kept, and what shows it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Proof {
    pub(crate) r#where: Vec<String>,
    /// `file::function`, or a program.
    pub(crate) test: String,
}

/// `docs/cumplimiento.toml`, by the rules' ids.
pub(crate) type Proofs = BTreeMap<String, Proof>;

fn proofs() -> Proofs {
    toml::from_str(&fs::read_to_string(root().join("docs/cumplimiento.toml")).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_matrix_is_what_the_checker_says_now() {
    let report = judged("", &profile()).await;
    assert_page("docs/cumplimiento.md", &matrix::page(&proofs(), &report));
}

#[test]
fn every_rule_has_its_proof_and_no_other_is_named() {
    let named: Vec<String> = proofs().into_keys().collect();
    let mut rules: Vec<&str> = catalogue().rules.iter().map(|rule| rule.id.as_str()).collect();
    rules.sort_unstable();
    assert_eq!(named, rules);
}

#[test]
fn every_place_and_every_test_is_there() {
    for (rule, proof) in proofs() {
        assert!(!proof.r#where.is_empty(), "{rule}: no place");
        for place in &proof.r#where {
            assert!(root().join(place).exists(), "{rule}: {place}");
        }
        assert!(is_there(&proof.test), "{rule}: {}", proof.test);
    }
}

#[test]
fn every_contradiction_of_the_guideline_names_its_test() {
    let decisions = fs::read_to_string(root().join("docs/decisions.md")).unwrap();
    let (_, section) = decisions.split_once("\n## The guideline's contradictions\n").unwrap();
    let items: Vec<&str> = section.split("\n## ").next().unwrap().split("\n- ").skip(1).collect();
    assert!(items.len() >= 20, "{}", items.len());
    for item in items {
        let tests: Vec<&str> = item.split('`').filter(|part| part.contains(".rs::")).collect();
        assert!(!tests.is_empty() && tests.iter().all(|test| is_there(test)), "{item}");
    }
}

/// Whether it is a program, or a function of a file of tests.
fn is_there(test: &str) -> bool {
    let Some((file, function)) = test.split_once("::") else { return root().join(test).is_file() };
    let text = fs::read_to_string(root().join(file)).unwrap_or_default();
    let definition = Regex::new(&format!(r"(?-u)\bfn {function}\b")).unwrap();
    definition.is_match(&text) && (file.contains("/tests/") || text.contains("#[test]") || text.contains("#[tokio::test"))
}
