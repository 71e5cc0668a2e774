//! The README's matrix is the sum of `docs/matrix.md`, and its ratios are those of the benches.

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
    table + &format!("| **all that must hold** | **{rules}** | **{fastapi}** | **{ours}** | **{axum}** |\n")
}

#[test]
fn its_matrix_is_that_of_the_docs() {
    let table = summed();
    assert!(include_str!("../../../README.md").contains(&table), "{table}");
}

/// The first number of a row of a page.
fn measured(page: &str, row: &str) -> f64 {
    let line = page.lines().find(|line| line.split('|').nth(1).is_some_and(|cell| cell.trim() == row)).expect(row);
    line.split('|').nth(2).unwrap().trim().parse().unwrap()
}

#[test]
fn its_ratios_are_those_of_the_benches() {
    let payments = include_str!("../../../docs/benchmarks.md");
    let pgbench = measured(payments, "spread over 200 clientes: service / pgbench");
    let peer = measured(payments, "spread over 200 clientes: service / FastAPI peer");
    let requests = measured(include_str!("../../../docs/benchmarks-http.md"), "whole stack / axum, tower-http and fmt().json()");
    let readme = include_str!("../../../README.md");
    for ratio in [format!("**{pgbench:.1} times**"), format!("**{peer:.0} times**"), format!("**{requests:.2} times**")] {
        assert!(readme.contains(&ratio), "{ratio}");
    }
}
