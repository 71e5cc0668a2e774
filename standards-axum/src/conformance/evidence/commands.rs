//! Commands whose status tells whether a rule is kept.

use std::collections::BTreeMap;
use std::time::Duration;

use standards_core::rules::Bilingual;
use tokio::time::{Instant, sleep};

use super::{Said, is_of_evidence};
use crate::conformance::lines::Line;
use crate::conformance::spawn::Spawned;
use crate::conformance::text::{both, clean};

/// What a command may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between looks at it.
const LOOK: Duration = Duration::from_millis(20);

/// `RULE=COMMAND`, read.
#[derive(Clone, Debug)]
pub(in crate::conformance) struct Asked {
    rule: String,
    command: String,
}

impl Asked {
    /// # Errors
    ///
    /// A sentence, where there is no command, or the rule is one that requests or the log tell of.
    pub(in crate::conformance) fn parse(text: &str) -> Result<Self, Bilingual> {
        let (rule, command) = text.split_once('=').unwrap_or((text, ""));
        let rule = rule.trim().to_ascii_uppercase();
        if !is_of_evidence(&rule) || command.trim().is_empty() {
            let rule = clean(&rule);
            return Err(both(
                format!("--command {rule}: REGLA=COMANDO, de una regla que no se ve desde fuera"),
                format!("--command {rule}: RULE=COMMAND, of a rule that is not seen from outside"),
            ));
        }
        Ok(Self { rule, command: command.to_owned() })
    }

    /// As it is shown before it is run.
    pub(in crate::conformance) fn shown(&self) -> String {
        format!("{}: {}", self.rule, clean(&self.command))
    }

    /// Runs it by a shell, and ends it with all its children where it takes too long.
    pub(in crate::conformance) async fn run(&self, variables: &BTreeMap<String, String>) -> Said {
        let command = clean(&self.command);
        let told = |how: &str| both(format!("`{command}`: {how}"), format!("`{command}`: {how}"));
        match self.ended(variables).await {
            (Some(0), last) => Said::new(&self.rule, Vec::new(), told(&last)),
            (status, last) => {
                let status = status.map_or_else(|| "—".to_owned(), |status| status.to_string());
                Said::new(&self.rule, vec![format!("{status}: {last}")], told(&status))
            }
        }
    }

    /// Its status, where it ended by itself in time, and the last that it wrote.
    async fn ended(&self, variables: &BTreeMap<String, String>) -> (Option<i32>, String) {
        let mut spawned = match Spawned::start(&self.command, variables, None) {
            Ok(spawned) => spawned,
            Err(error) => return (None, error.to_string()),
        };
        let until = Instant::now() + PATIENCE;
        let mut status = spawned.ended();
        while status.is_none() && Instant::now() < until {
            sleep(LOOK).await;
            status = spawned.ended();
        }
        let (_, log) = spawned.stop().await;
        (status.and_then(|status| status.code()), log.lines.last().map(Line::shown).unwrap_or_default())
    }
}
