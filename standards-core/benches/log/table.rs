//! The table of ratios.

use std::fmt::Write as _;
use std::io::Write as _;

const OURS: usize = 0;
const UNREDACTED: usize = 1;
const QUEUED: usize = 2;
const FMT_JSON: usize = 3;
const JSON_SUBSCRIBER: usize = 4;
const BUNYAN: usize = 5;
const FLOOR: usize = 6;
const DISABLED: usize = 7;
const EMPTY: usize = 8;

const NAMES: [&str; 7] = [
    "standards-core",
    "standards-core, redaction off",
    "standards-core, queued to a thread",
    "tracing-subscriber fmt().json()",
    "json-subscriber",
    "tracing-bunyan-formatter",
    "serde_json, the same struct",
];

/// Gathers what was measured, and prints it.
pub(crate) struct Table {
    times: Vec<f64>,
    rows: Vec<(String, f64)>,
    text: String,
}

impl Table {
    pub(crate) fn new(times: Vec<f64>) -> Self {
        let mut table = Self { times, rows: Vec::new(), text: String::new() };
        table.line(format_args!("{:<38} {:>9}", "median per event", "ns"));
        for (name, time) in NAMES.iter().zip(table.times.clone()) {
            table.line(format_args!("{name:<38} {time:>9.1}"));
        }
        table.line(format_args!("\n{:<38} {:>9} {:>9}", "ratio", "measured", "target"));
        table.ratio("ours / fmt().json()", OURS, FMT_JSON, 0.25);
        table.ratio("ours / json-subscriber", OURS, JSON_SUBSCRIBER, 0.5);
        table.ratio("ours / tracing-bunyan-formatter", OURS, BUNYAN, 0.5);
        table.ratio("ours / serde_json", OURS, FLOOR, 2.5);
        table.ratio("redaction on / off", OURS, UNREDACTED, 1.25);
        table.ratio("queued / discarded", QUEUED, OURS, f64::INFINITY);
        table.target("disabled level, ns", table.time(DISABLED) - table.time(EMPTY), 5.0);
        table
    }

    /// Allocations per event, in the order of the names.
    pub(crate) fn add_allocations(&mut self, allocations: &[f64]) {
        self.target("allocations per event", allocations[OURS], 0.0);
        self.target("allocations per event, queued", allocations[QUEUED], 0.0);
        for (name, allocations) in NAMES.iter().zip(allocations).skip(FMT_JSON) {
            self.line(format_args!("  {name:<36} {allocations:>9.1}"));
        }
    }

    /// What a payment's records come to.
    pub(crate) fn add_payment(&mut self, bytes: f64) {
        self.target("bytes per payment", bytes, 1100.0);
    }

    /// Events per second with one thread and with four.
    pub(crate) fn add_threads(&mut self, [one, four]: [f64; 2]) {
        self.line(format_args!("events per second, 1 and 4 threads     {:>8.2}M {:>8.2}M", one / 1e6, four / 1e6));
        self.at_least("4 threads / 1 thread", four / one, 1.0);
    }

    /// The same through the queue, whose writer needs a core of its own.
    pub(crate) fn add_queued_threads(&mut self, [one, four]: [f64; 2]) {
        self.line(format_args!("  queued                               {:>8.2}M {:>8.2}M", one / 1e6, four / 1e6));
        self.line(format_args!("  queued, 4 threads / 1 thread         {:>9.2}", four / one));
    }

    /// What has a target: name and measure.
    pub(crate) fn rows(&self) -> &[(String, f64)] {
        &self.rows
    }

    pub(crate) fn note(&mut self, text: &str) {
        self.line(format_args!("{text}"));
    }

    pub(crate) fn print(&self) {
        // The bench's own output; there is no log to keep clean here.
        std::io::stdout().write_all(self.text.as_bytes()).expect("standard output");
    }

    fn time(&self, row: usize) -> f64 {
        self.times[row]
    }

    fn ratio(&mut self, name: &str, of: usize, to: usize, most: f64) {
        self.target(name, self.time(of) / self.time(to), most);
    }

    fn target(&mut self, name: &str, measured: f64, most: f64) {
        self.rows.push((name.to_owned(), measured));
        let verdict = if measured <= most { "" } else { "  MISSED" };
        self.line(format_args!("{name:<38} {measured:>9.3} {:>9}{verdict}", format!("<= {most}")));
    }

    fn at_least(&mut self, name: &str, measured: f64, least: f64) {
        let verdict = if measured >= least { "" } else { "  MISSED" };
        self.line(format_args!("{name:<38} {measured:>9.3} {:>9}{verdict}", format!(">= {least}")));
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        let _ = writeln!(self.text, "{line}");
    }
}
