//! The catalogue, read from the text that is compiled in.

use std::sync::LazyLock;

use serde::Deserialize;

use super::rule::{Bilingual, Need, Rule, RuleLevel};

const TEXT: &str = include_str!("../../rules/catalogue.toml");

/// Every rule, the families that they come in, and the checklist that they support.
#[derive(Debug)]
pub struct Catalogue {
    /// The guideline's checklist, in its order: S1 to S10, L1 to L6.
    pub boxes: Vec<Heading>,
    /// The families, in the order of reports.
    pub families: Vec<Heading>,
    /// The rules, family by family.
    pub rules: Vec<Rule>,
}

/// A box of the checklist, or a family of rules.
#[derive(Clone, Debug)]
pub struct Heading {
    /// `S1`, or `LOG`.
    pub id: String,
    /// What it is about.
    pub title: Bilingual,
}

impl Catalogue {
    /// The rule with this id, in capitals.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// The rules of a family, in their order.
    pub fn family<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Rule> {
        self.rules.iter().filter(move |rule| rule.family == id)
    }
}

/// The catalogue of this version.
///
/// ```
/// let catalogue = standards_core::rules::catalogue();
/// assert_eq!(catalogue.boxes.len(), 16);
/// assert!(catalogue.rule("API-99").is_none());
/// ```
#[must_use]
pub fn catalogue() -> &'static Catalogue {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(read);
    &CATALOGUE
}

#[expect(clippy::expect_used, reason = "the text is a constant, and the tests read it")]
fn read() -> Catalogue {
    toml::from_str::<Written>(TEXT).expect("the catalogue that is compiled in is well formed").into()
}

/// The file's own form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    r#box: Vec<WrittenHeading>,
    family: Vec<WrittenHeading>,
    rule: Vec<WrittenRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenHeading {
    id: String,
    title_es: String,
    title_en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRule {
    id: String,
    level: RuleLevel,
    since: u32,
    family: String,
    boxes: Vec<String>,
    needs: Vec<Need>,
    title_es: String,
    title_en: String,
    quote_es: Option<String>,
    why_es: String,
    why_en: String,
    check_es: String,
    check_en: String,
    fix_python: String,
    fix_rust: String,
}

impl From<Written> for Catalogue {
    fn from(written: Written) -> Self {
        Self {
            boxes: written.r#box.into_iter().map(Heading::from).collect(),
            families: written.family.into_iter().map(Heading::from).collect(),
            rules: written.rule.into_iter().map(Rule::from).collect(),
        }
    }
}

impl From<WrittenHeading> for Heading {
    fn from(written: WrittenHeading) -> Self {
        Self { id: written.id, title: Bilingual { es: written.title_es, en: written.title_en } }
    }
}

impl From<WrittenRule> for Rule {
    fn from(written: WrittenRule) -> Self {
        Self {
            id: written.id,
            level: written.level,
            since: written.since,
            family: written.family,
            boxes: written.boxes,
            needs: written.needs,
            title: Bilingual { es: written.title_es, en: written.title_en },
            quote: written.quote_es,
            why: Bilingual { es: written.why_es, en: written.why_en },
            check: Bilingual { es: written.check_es, en: written.check_en },
            fix_python: written.fix_python,
            fix_rust: written.fix_rust,
        }
    }
}
