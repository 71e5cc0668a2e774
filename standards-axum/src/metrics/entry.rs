//! A page read back as a list of what there is: for documents.

use std::collections::BTreeSet;
use std::fmt;

/// A metric, as a page describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricEntry {
    /// Its name, a counter's with `_total`.
    pub name: String,
    /// `counter`, `gauge` or `histogram`.
    pub kind: String,
    /// The names of its labels, sorted, of all its series together.
    pub labels: Vec<String>,
    /// The unit that its name ends in, if any.
    pub unit: Option<&'static str>,
    /// What it tells.
    pub help: String,
}

/// What there is on a page. Labels are those of the series that are there.
pub(super) fn describe(page: &str) -> Vec<MetricEntry> {
    let mut entries: Vec<MetricEntry> = Vec::new();
    let mut labels = BTreeSet::new();
    for line in page.lines() {
        match (line.strip_prefix("# HELP "), line.strip_prefix("# TYPE "), entries.last_mut()) {
            (Some(described), ..) => {
                labels.clear();
                entries.push(named(described));
            }
            (_, Some(typed), Some(entry)) => entry.kind = typed.rsplit(' ').next().unwrap_or_default().to_owned(),
            (None, None, Some(entry)) => {
                labels.extend(labels_of(line).map(str::to_owned));
                entry.labels = labels.iter().cloned().collect();
            }
            _ => {}
        }
    }
    entries
}

fn named(described: &str) -> MetricEntry {
    let (name, help) = described.split_once(' ').unwrap_or((described, ""));
    let unit = ["seconds", "bytes"].into_iter().find(|unit| name.trim_end_matches("_total").ends_with(unit));
    MetricEntry { name: name.to_owned(), kind: String::new(), labels: Vec::new(), unit, help: help.to_owned() }
}

/// The names of a series' labels; `le` is every histogram's.
fn labels_of(series: &str) -> impl Iterator<Item = &str> {
    let mut rest = series.split_once('{').map_or("", |(_, labels)| labels);
    let names = std::iter::from_fn(move || {
        let (name, value) = rest.split_once("=\"")?;
        rest = behind_value(value);
        Some(name.trim_start_matches(','))
    });
    names.filter(|name| *name != "le")
}

/// What stands behind the quote that ends a label's value; one behind a backslash does not.
fn behind_value(value: &str) -> &str {
    let mut is_escaped = false;
    let end = value.find(|character| {
        let ends = character == '"' && !is_escaped;
        is_escaped = character == '\\' && !is_escaped;
        ends
    });
    end.and_then(|end| value.get(end + 1..)).unwrap_or_default()
}

/// A row of a table in Markdown: name, type, labels, unit, help.
impl fmt::Display for MetricEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labels: Vec<_> = self.labels.iter().map(|label| format!("`{label}`")).collect();
        let (labels, unit) = (labels.join(", "), self.unit.unwrap_or_default());
        write!(f, "| `{}` | {} | {labels} | {unit} | {} |", self.name, self.kind, self.help)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_whatever_their_values_hold() {
        for (series, names) in [
            ("up 1", vec![]),
            (r#"x{a="1",b="2"} 1"#, vec!["a", "b"]),
            (r#"x_bucket{route="/p/{id}",le="+Inf"} 1"#, vec!["route"]),
            (r#"x{a="b=\"c\",d=",e="\\"} 1"#, vec!["a", "e"]),
            (r#"x{a="=",b="}"} 1"#, vec!["a", "b"]),
            (r#"x{a="never ends"#, vec!["a"]),
        ] {
            assert_eq!(labels_of(series).collect::<Vec<_>>(), names, "{series}");
        }
    }
}
