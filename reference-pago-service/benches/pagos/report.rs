//! What was measured, as text that is Markdown.

use std::fmt;
use std::path::Path;
use std::thread::available_parallelism;

use crate::bench::Bench;
use crate::figures::Rounds;
use crate::outcome::{Outcome, say};
use crate::table::Table;
use crate::tally::Tally;

const US_PER_MS: f64 = 1000.0;
const BOOKS: &str = "After every round of the service and of pgbench the money rule held for every cliente, and the database had the \
    acknowledged payments, no more and no less; the service was killed with SIGKILL before it was looked at.";

/// Gathers figures while they are measured.
pub(crate) struct Report {
    head: String,
    targets: Table,
    runs: Table,
    notes: Vec<String>,
    peak_kib: Option<u64>,
}

/// What a figure must reach.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    bound: f64,
    at_least: bool,
    aim: Option<f64>,
}

impl Target {
    pub(crate) const fn at_least(bound: f64) -> Self {
        Self { bound, at_least: true, aim: None }
    }

    pub(crate) const fn at_most(bound: f64) -> Self {
        Self { bound, at_least: false, aim: None }
    }

    /// What would be better still.
    pub(crate) const fn aiming_at(mut self, aim: f64) -> Self {
        self.aim = Some(aim);
        self
    }

    fn verdict(self, figure: f64) -> &'static str {
        let reached = if self.at_least { figure >= self.bound } else { figure <= self.bound };
        if reached { "reached" } else { "MISSED" }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", if self.at_least { ">=" } else { "<=" }, self.bound)?;
        self.aim.map_or(Ok(()), |aim| write!(f, " (aim: {aim})"))
    }
}

impl Report {
    /// An empty report that says where and how it is measured.
    pub(crate) async fn open(bench: &Bench) -> Outcome<Self> {
        let head = head(bench).await?;
        say(format_args!("{head}\n"));
        let mut report = Self {
            head,
            targets: Table::new(1, &["against the targets", "measured", "target", "verdict"]),
            runs: Table::new(2, &["load", "by", "a second", "slowest to fastest", "p50 ms", "p99 ms"]),
            // Printed only when nothing failed.
            notes: vec![BOOKS.to_owned()],
            peak_kib: None,
        };
        report.note_others();
        Ok(report)
    }

    /// Figures of a machine that works for somebody else are worth little.
    fn note_others(&mut self) {
        const BUSY: f64 = 0.5;
        let averages = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load = averages.split(' ').next().and_then(|load| load.parse::<f64>().ok());
        if let Some(load) = load.filter(|load| *load > BUSY) {
            self.note(format!("The machine was not idle before the first round: load average {load:.2}."));
        }
    }

    /// A figure with a target.
    pub(crate) fn figure(&mut self, name: &str, figure: f64, target: Target) {
        let verdict = target.verdict(figure).to_owned();
        self.targets.add(vec![name.to_owned(), format!("{figure:.2}"), target.to_string(), verdict]);
    }

    /// The quotient of two figures, where both were measured.
    pub(crate) fn ratio(&mut self, name: &str, of: Option<f64>, to: Option<f64>, target: Target) {
        if let (Some(of), Some(to)) = (of, to) {
            self.figure(name, of / to, target);
        }
    }

    /// What a contender did in its rounds.
    pub(crate) fn run(&mut self, load: &str, contender: &str, rounds: &Rounds) {
        let (median, (slowest, fastest)) = (rounds.median(), rounds.range());
        self.runs.add(vec![
            load.to_owned(),
            contender.to_owned(),
            format!("{:.0}", median.per_second),
            format!("{slowest:.0} to {fastest:.0}"),
            format!("{:.3}", median.p50_us / US_PER_MS),
            format!("{:.3}", median.p99_us / US_PER_MS),
        ]);
    }

    /// Something that the reader has to know. Said once, however often it happens.
    pub(crate) fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            say(format_args!("  {note}"));
            self.notes.push(note);
        }
    }

    /// Refused payments are no throughput, but nobody shall have to guess that there were any.
    pub(crate) fn note_unavailable(&mut self, contender: &str, tally: &Tally) {
        if tally.unavailable > 0 {
            let (unavailable, acknowledged) = (tally.unavailable, tally.acknowledged);
            self.note(format!(
                "A round of the {contender} had {unavailable} answers 503 beside {acknowledged} acknowledged payments."
            ));
        }
    }

    /// Keeps the largest.
    pub(crate) fn note_peak(&mut self, peak_kib: Option<u64>) {
        self.peak_kib = self.peak_kib.max(peak_kib);
    }

    pub(crate) const fn peak_kib(&self) -> Option<u64> {
        self.peak_kib
    }

    /// Writes it to `file`, over the report that is there; the sections that follow it are other benches'.
    pub(crate) fn write(&self, file: &Path) -> Outcome<()> {
        let before = std::fs::read_to_string(file).unwrap_or_default();
        let others = before.find("\n## ").and_then(|at| before.get(at..)).unwrap_or_default();
        std::fs::write(file, format!("# Benchmarks\n\n{self}{others}"))?;
        say(format_args!("written to {}", file.display()));
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.head)?;
        for table in [&self.targets, &self.runs] {
            if !table.is_empty() {
                write!(f, "\n{table}")?;
            }
        }
        if !self.notes.is_empty() {
            writeln!(f)?;
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "- {note}"))
    }
}

/// How it was measured, and on what.
async fn head(bench: &Bench) -> Outcome<String> {
    let (cores, server, command) = (available_parallelism()?, bench.server.describe().await?, bench.options.command());
    let (rounds, seconds) = (bench.options.rounds, bench.options.round().as_secs());
    Ok(format!(
        "Printed by `{command}`.\n\n\
         {cores} cores carry database, service and load generator. {server}. Medians of {rounds} interleaved rounds of {seconds} s; \
         JSON log at INFO, three records per payment."
    ))
}
