//! Rows of the table against bounds that a file keeps: `-- --check FILE`, with lines such as `ours / fmt().json() <= 0.35`.

use std::path::PathBuf;

/// What the rows of a table may be.
pub(crate) struct Bounds(Vec<Bound>);

struct Bound {
    name: String,
    most: f64,
}

/// The file after `--check`, if that was asked for.
pub(crate) fn file_asked_for() -> Option<PathBuf> {
    std::env::args().skip_while(|argument| argument != "--check").nth(1).map(PathBuf::from)
}

impl Bounds {
    /// Reads a file; empty lines and those that begin with `#` say nothing.
    pub(crate) fn read(file: &PathBuf) -> Self {
        let text = std::fs::read_to_string(file).expect("the file of the bounds");
        let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
        let bounds: Vec<_> = lines.map(Bound::parse).collect();
        assert!(!bounds.is_empty(), "{} bounds nothing", file.display());
        Self(bounds)
    }

    /// What is above its bound, in words. A bound for a row that is not there is a mistake in the file.
    pub(crate) fn missed(&self, rows: &[(String, f64)]) -> Vec<String> {
        let above = |bound: &Bound| {
            let measured = rows.iter().find(|(name, _)| *name == bound.name).expect("a row for each bound").1;
            (measured > bound.most).then(|| format!("{}: {measured:.3} is above {}", bound.name, bound.most))
        };
        self.0.iter().filter_map(above).collect()
    }
}

impl Bound {
    fn parse(line: &str) -> Self {
        let (name, most) = line.split_once(" <= ").expect("a line `name <= number`");
        Self { name: name.trim().to_owned(), most: most.trim().parse().expect("a number after <=") }
    }
}
