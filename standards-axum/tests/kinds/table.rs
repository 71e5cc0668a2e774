//! The table of kinds in the documentation is this folder.

/// The first cell of each row, and the file in its last one.
fn rows() -> Vec<(&'static str, &'static str)> {
    let table = include_str!("../../../docs/existing-services.md").lines().filter(|line| line.contains("tests/kinds/"));
    table
        .map(|row| {
            let mut cells = row.trim_matches('|').split('|').map(str::trim);
            (cells.next().unwrap(), cells.next_back().unwrap().trim_matches('`'))
        })
        .collect()
}

#[test]
fn twelve_kinds_stand_in_the_table_each_with_its_tests() {
    let rows = rows();
    assert_eq!(rows.len(), 12, "{rows:#?}");
    for (kind, file) in rows {
        let name = file.strip_prefix("standards-axum/").unwrap();
        let source = std::fs::read_to_string(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        assert!(source.contains("#[tokio::test"), "{kind}: {file}");
    }
}
