//! The README's matrix is the sum of `docs/matrix.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use standards_axum::core::rules::{RuleLevel, catalogue};

/// Of each obligatory rule, what it came to for the three services.
fn matrix() -> BTreeMap<String, [String; 3]> {
    let page = include_str!("../../../docs/matrix.md");
    let cells = page.lines().map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    let must = cells.filter_map(|cells| match cells[..] {
        [_, rule, "MUST", fastapi, ours, axum, ..] => Some((rule.to_owned(), [fastapi, ours, axum].map(str::to_owned))),
        _ => None,
    });
    must.collect()
}

/// How many obligatory rules each family has, and how many of them each service breaks; families of which somebody breaks one.
fn summed() -> String {
    let (matrix, mut table, mut all) = (matrix(), String::new(), [0; 4]);
    for family in &catalogue().families {
        let rules = catalogue().rules.iter().filter(|rule| rule.family == family.id && rule.level == RuleLevel::Must);
        let rows: Vec<_> = rules.map(|rule| &matrix[&rule.id]).collect();
        let broken = |service: usize| rows.iter().filter(|row| row[service] == "fail").count();
        let counts = [rows.len(), broken(0), broken(1), broken(2)];
        all = [0, 1, 2, 3].map(|at| all[at] + counts[at]);
        let [rules, fastapi, ours, axum] = counts;
        if fastapi + ours + axum > 0 {
            writeln!(table, "| {} | {rules} | {fastapi} | {ours} | {axum} |", family.title.en).unwrap();
        }
    }
    let [rules, fastapi, ours, axum] = all;
    table
        + &format!(
            "| **all**, those of configuration, database, code and tests too | **{rules}** | **{fastapi}** | **{ours}** | **{axum}** |\n"
        )
}

#[test]
fn its_matrix_is_that_of_the_docs() {
    let table = summed();
    assert!(include_str!("../../../README.md").contains(&table), "{table}");
}
