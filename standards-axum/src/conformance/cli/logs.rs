//! `logs`: a log judged alone.

use std::time::Instant;

use clap::Args;
use standards_core::Language;
use standards_core::rules::Bilingual;

use super::{Ended, Judging};
use crate::conformance::feed;
use crate::conformance::recorded::Recorded;
use crate::conformance::report::Circumstances;
use crate::conformance::text::both;

#[derive(Debug, Args)]
pub(super) struct Logs {
    /// A file with a record a line, or a document of Elasticsearch's with the record in its `_source`; standard input where none is named.
    #[arg(default_value = "-")]
    file: String,
    #[command(flatten)]
    judging: Judging,
}

impl Logs {
    pub(super) fn run(self, language: Language) -> Ended {
        let begun = Instant::now();
        let chosen = self.judging.choose(None)?;
        let log = feed::whole(&self.file)?.exported();
        if log.lines.is_empty() {
            return Err(empty());
        }
        let mut recorded = Recorded::new("log", None);
        recorded.log = Some(log);
        let seen = Circumstances { target: None, requests: 0, duration_ms: begun.elapsed().as_millis(), late: false };
        self.judging.conclude(chosen, &recorded, &seen, language)
    }
}

fn empty() -> Bilingual {
    both("El log no tiene líneas: no hay nada que juzgar", "The log has no lines: there is nothing to judge")
}
