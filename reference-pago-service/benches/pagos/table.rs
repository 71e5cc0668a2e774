//! Tables that read well as they stand and as Markdown.

use std::fmt;

/// Rows under a heading: columns of text, then columns of figures.
pub(crate) struct Table {
    texts: usize,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// The first `texts` columns are text.
    pub(crate) fn new(texts: usize, heading: &[&str]) -> Self {
        Self { texts, rows: vec![heading.iter().map(ToString::to_string).collect()] }
    }

    pub(crate) fn add(&mut self, row: Vec<String>) {
        self.rows.push(row);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.len() < 2
    }

    fn widths(&self) -> Vec<usize> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let width = |column: usize| self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
        (0..columns).map(|column| width(column).unwrap_or_default().max(3)).collect()
    }

    fn write_row(&self, f: &mut fmt::Formatter<'_>, row: &[String], widths: &[usize]) -> fmt::Result {
        for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
            if column < self.texts {
                write!(f, "| {cell:<width$} ")?;
            } else {
                write!(f, "| {cell:>width$} ")?;
            }
        }
        writeln!(f, "|")
    }

    fn write_rule(&self, f: &mut fmt::Formatter<'_>, widths: &[usize]) -> fmt::Result {
        for (column, width) in widths.iter().enumerate() {
            if column < self.texts {
                write!(f, "|{:-<1$}", "", width + 2)?;
            } else {
                write!(f, "|{:-<1$}:", "", width + 1)?;
            }
        }
        writeln!(f, "|")
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        for (number, row) in self.rows.iter().enumerate() {
            self.write_row(f, row, &widths)?;
            if number == 0 {
                self.write_rule(f, &widths)?;
            }
        }
        Ok(())
    }
}
