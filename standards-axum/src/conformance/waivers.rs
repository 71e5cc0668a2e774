//! Rules that somebody answers for until a day: a TOML file of `[[waiver]]`.

use serde::Deserialize;
use standards_core::rules::{Bilingual, Rule, RuleLevel, catalogue};
use time::Date;
use time::macros::format_description;

use super::model::{Judged, Status};
use super::text::{both, clean};

/// The largest file that is read.
pub(super) const WAIVERS_BYTES: usize = 256 << 10;

/// The file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Waivers {
    #[serde(default)]
    waiver: Vec<Waiver>,
}

/// One rule that need not be kept for now.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Waiver {
    rule: String,
    reason: Reason,
    detail: String,
    owner: String,
    expires: Option<toml::Value>,
    approved_by: Option<String>,
}

/// Why; there are no other reasons.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Reason {
    NotApplicable,
    AcceptedRisk,
    RemediationPlanned,
    FalsePositive,
    LegacyClient,
}

impl Reason {
    const fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::NotApplicable => ("no aplica", "not applicable"),
            Self::AcceptedRisk => ("riesgo aceptado", "accepted risk"),
            Self::RemediationPlanned => ("corrección planificada", "remediation planned"),
            Self::FalsePositive => ("falso positivo", "false positive"),
            Self::LegacyClient => ("cliente antiguo", "legacy client"),
        }
    }
}

impl Waivers {
    /// Reads the file; every problem but those of the calendar.
    pub(super) fn parse(text: &str) -> Result<Self, Vec<Bilingual>> {
        let waivers: Self = toml::from_str(text).map_err(|error| vec![unreadable(&error.to_string())])?;
        let problems: Vec<Bilingual> = waivers.waiver.iter().filter_map(Waiver::problem).collect();
        if problems.is_empty() { Ok(waivers) } else { Err(problems) }
    }

    /// Those whose day is over.
    pub(super) fn expired(&self, today: Date) -> Vec<Bilingual> {
        self.waiver.iter().filter(|waiver| waiver.is_over(today)).map(Waiver::over).collect()
    }

    /// Broken rules become waived; one whose waiver is over stays broken, and says so.
    pub(super) fn apply(&self, judged: &mut [Judged], today: Date) {
        for one in judged.iter_mut().filter(|one| one.status.is_broken()) {
            let Some(waiver) = self.waiver.iter().find(|waiver| waiver.rule == one.rule.id) else { continue };
            if waiver.is_over(today) {
                one.reason = waiver.over();
            } else {
                (one.status, one.reason) = (Status::Waived, waiver.told());
            }
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.waiver.len()
    }
}

impl Waiver {
    fn rule(&self) -> Option<&'static Rule> {
        catalogue().rule(&self.rule)
    }

    fn problem(&self) -> Option<Bilingual> {
        let id = clean(&self.rule);
        let Some(rule) = self.rule() else {
            return Some(both(format!("{id}: no existe esa regla"), format!("{id}: there is no such rule")));
        };
        if self.owner.trim().is_empty() || self.detail.trim().is_empty() {
            return Some(both(format!("{id}: faltan owner o detail"), format!("{id}: owner or detail is missing")));
        }
        match (&self.expires, self.date()) {
            (None, _) if rule.level == RuleLevel::Must => {
                Some(both(format!("{id}: una regla MUST necesita expires"), format!("{id}: a MUST rule needs expires")))
            }
            (Some(_), None) => {
                Some(both(format!("{id}: expires no es una fecha AAAA-MM-DD"), format!("{id}: expires is no date YYYY-MM-DD")))
            }
            _ => None,
        }
    }

    fn date(&self) -> Option<Date> {
        let told = match self.expires.as_ref()? {
            toml::Value::Datetime(date) => date.to_string(),
            value => value.as_str()?.to_owned(),
        };
        Date::parse(&told, format_description!("[year]-[month]-[day]")).ok()
    }

    fn is_over(&self, today: Date) -> bool {
        self.date().is_some_and(|last| last < today)
    }

    fn over(&self) -> Bilingual {
        let (id, owner) = (clean(&self.rule), clean(&self.owner));
        let last = self.date().map(|date| date.to_string()).unwrap_or_default();
        both(format!("{id}: la excepción de {owner} venció el {last}"), format!("{id}: the waiver of {owner} ended on {last}"))
    }

    fn told(&self) -> Bilingual {
        let (es, en) = self.reason.told();
        let (detail, owner) = (clean(&self.detail), clean(&self.owner));
        let by = self.approved_by.as_deref().map(|name| format!(", {}", clean(name))).unwrap_or_default();
        both(format!("{es}: {detail} ({owner}{by})"), format!("{en}: {detail} ({owner}{by})"))
    }
}

fn unreadable(text: &str) -> Bilingual {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    both(format!("Las excepciones no se entienden: {}", clean(&text)), format!("The waivers cannot be read: {}", clean(&text)))
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::Waivers;

    const GOOD: &str =
        "[[waiver]]\nrule = \"ERR-03\"\nreason = \"legacy-client\"\ndetail = \"x\"\nowner = \"pagos\"\nexpires = 2026-12-31\n";

    #[test]
    fn a_waiver_lasts_to_its_day() {
        let waivers = Waivers::parse(GOOD).unwrap();
        assert!(waivers.expired(date!(2026 - 12 - 31)).is_empty());
        assert_eq!(waivers.expired(date!(2027 - 01 - 01))[0].en, "ERR-03: the waiver of pagos ended on 2026-12-31");
    }

    #[test]
    fn what_is_wrong_with_a_waiver_is_told() {
        for (from, to, told) in [
            ("ERR-03", "ERR-99", "no such rule"),
            ("legacy-client", "porque sí", "cannot be read"),
            ("expires = 2026-12-31", "", "needs expires"),
            ("2026-12-31", "\"mañana\"", "no date"),
            ("owner = \"pagos\"", "owner = \" \"", "owner or detail"),
            ("detail", "details", "cannot be read"),
        ] {
            let problems = Waivers::parse(&GOOD.replace(from, to)).unwrap_err();
            assert!(problems[0].en.contains(told), "{to}: {}", problems[0].en);
        }
    }
}
