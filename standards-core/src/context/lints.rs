//! The list of calls that services get is the one that this workspace keeps to itself.

use std::fs;

const SHIPPED: &str = include_str!("../../lints/clippy.toml");

fn entries(list: &str) -> Vec<&str> {
    list.lines().map(str::trim).filter(|line| line.starts_with("{ path = ")).collect()
}

#[test]
fn what_is_shipped_is_what_is_kept_here() {
    // Of the package alone there is no workspace to compare with.
    let Ok(own) = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../clippy.toml")) else { return };
    let (shipped, own) = (entries(SHIPPED), entries(&own));
    let of_context: Vec<&str> = own.into_iter().filter(|entry| entry.contains("loses the request context")).collect();
    assert_eq!(shipped, of_context);
    assert!(shipped.len() >= 10);
}
