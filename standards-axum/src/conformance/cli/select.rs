//! Which rules are judged, and what becomes of what they come to.

use std::collections::HashSet;
use std::path::Path;

use standards_core::Language;
use standards_core::rules::{Bilingual, Rule, catalogue};
use time::OffsetDateTime;

use super::output::{say, writable, write_file};
use super::{Ended, Judging, read_waivers};
use crate::conformance::baseline::Baseline;
use crate::conformance::evidence::{Said, gather, weigh};
use crate::conformance::judges::{OF_OUTAGES, judge};
use crate::conformance::model::Judged;
use crate::conformance::profile::Profile;
use crate::conformance::recorded::Recorded;
use crate::conformance::report::{Circumstances, Kind, Report, terminal};
use crate::conformance::text::{both, clean};
use crate::conformance::verdict::exit;
use crate::conformance::waivers::Waivers;

/// A command line, read and found right.
#[derive(Debug)]
pub(super) struct Chosen {
    only: Vec<String>,
    skip: Vec<String>,
    waivers: Waivers,
    baseline: Option<Baseline>,
    said: Vec<Said>,
    reports: Vec<(Kind, String)>,
}

impl Judging {
    /// Reads what it names, before anything is sent. The profile says what some evidence is held to.
    pub(super) fn choose(&self, profile: Option<&Profile>) -> Result<Chosen, Bilingual> {
        let waivers = self.waivers.as_deref().map(read_waivers).transpose()?;
        let baseline = self.baseline.as_deref().map(|file| Baseline::read(Path::new(file))).transpose()?.flatten();
        Ok(Chosen {
            only: known(&self.only)?,
            skip: known(&self.skip)?,
            waivers: waivers.unwrap_or_default(),
            baseline,
            said: gather(&self.evidence, profile.unwrap_or(&Profile::default()))?,
            reports: self.report.iter().map(|report| report_of(report)).collect::<Result<_, _>>()?,
        })
    }

    /// Judges, reports, and says what the process ends with.
    pub(super) fn conclude(&self, chosen: Chosen, recorded: &Recorded, seen: &Circumstances, language: Language) -> Ended {
        let judged = judge(recorded, |rule| chosen.wants(rule));
        self.conclude_judged(chosen, judged, recorded, seen, language)
    }

    /// The same of what was judged already.
    pub(super) fn conclude_judged(
        &self,
        chosen: Chosen,
        mut judged: Vec<Judged>,
        recorded: &Recorded,
        seen: &Circumstances,
        language: Language,
    ) -> Ended {
        weigh(&chosen.said, &mut judged);
        chosen.waivers.apply(&mut judged, OffsetDateTime::now_utc().date());
        if let Some(file) = self.baseline.as_ref().filter(|_| !seen.late) {
            let left = chosen.baseline.unwrap_or_else(|| Baseline::of(&judged)).apply(&mut judged);
            left.write(Path::new(file))?;
        }
        let exit = if seen.late { 2 } else { exit(&judged, self.fail_on.into(), self.require_all) };
        let report = Report::of(judged, exit, recorded, seen, language);
        chosen.reports.iter().try_for_each(|(kind, file)| write_file(file, &kind.render(&report)))?;
        say(&terminal(&report))?;
        Ok(exit)
    }
}

impl Chosen {
    /// Beside the files, what a command said.
    pub(super) fn hear(&mut self, said: Said) {
        self.said.push(said);
    }

    /// Whether the service must be started in other ways than the usual one.
    pub(super) fn wants_starts(&self) -> bool {
        catalogue().rules.iter().any(|rule| ["LOG-17", "CFG-01", "CFG-03"].contains(&&*rule.id) && self.wants(rule))
    }

    /// Whether what it depends on must be taken away.
    pub(super) fn wants_outages(&self) -> bool {
        catalogue().rules.iter().any(|rule| OF_OUTAGES.contains(&&*rule.id) && self.wants(rule))
    }

    /// The ids of the rules that are judged.
    pub(super) fn wanted(&self) -> HashSet<&'static str> {
        catalogue().rules.iter().filter(|rule| self.wants(rule)).map(|rule| rule.id.as_str()).collect()
    }

    fn wants(&self, rule: &Rule) -> bool {
        let among = |names: &[String]| names.iter().any(|name| *name == rule.id || *name == rule.family);
        (self.only.is_empty() || among(&self.only)) && !among(&self.skip)
    }
}

/// Ids and families in capitals.
fn known(names: &[String]) -> Result<Vec<String>, Bilingual> {
    let names = names.iter().map(|name| name.trim().to_ascii_uppercase());
    names.map(|name| if is_known(&name) { Ok(name) } else { Err(unknown(&name)) }).collect()
}

fn is_known(name: &str) -> bool {
    catalogue().rule(name).is_some() || catalogue().families.iter().any(|family| family.id == name)
}

pub(super) fn unknown(name: &str) -> Bilingual {
    let name = clean(name);
    both(format!("No hay regla ni familia {name}"), format!("There is no rule and no family {name}"))
}

fn report_of(report: &str) -> Result<(Kind, String), Bilingual> {
    let (kind, file) = report.split_once('=').unwrap_or((report, ""));
    let kind = Kind::parse(kind).ok_or_else(|| {
        let shown = clean(report);
        both(
            format!("No hay informe {shown}: json, junit, md o html, y =ARCHIVO"),
            format!("There is no report {shown}: json, junit, md or html, and =FILE"),
        )
    })?;
    writable(file)?;
    Ok((kind, file.to_owned()))
}
