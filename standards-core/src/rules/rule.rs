//! One rule.

use std::fmt;

use serde::Deserialize;

use crate::Language;

/// How much the guideline insists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RuleLevel {
    /// Obligatory: decides the verdict.
    Must,
    /// Desirable in the guideline.
    Should,
    /// Beyond the guideline; never changes the verdict.
    Ext,
}

impl RuleLevel {
    /// All, the strictest first.
    pub const ALL: [Self; 3] = [Self::Must, Self::Should, Self::Ext];

    /// `MUST`, `SHOULD` or `EXT`.
    ///
    /// ```
    /// assert_eq!(standards_core::rules::RuleLevel::Should.as_str(), "SHOULD");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Must => "MUST",
            Self::Should => "SHOULD",
            Self::Ext => "EXT",
        }
    }
}

impl fmt::Display for RuleLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What must be there before a rule can be tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Need {
    /// An OpenAPI document, or a profile in its place.
    Openapi,
    /// A profile.
    Profile,
    /// The service's log.
    Logs,
    /// A service that the checker starts itself.
    Spawn,
    /// A route that fails on purpose, named by the profile.
    Fault,
    /// A token.
    Token,
    /// A dependency that can be stopped.
    Outage,
    /// What is not seen from outside: reports of other tools, or a person's review.
    Evidence,
}

impl Need {
    /// The word of the catalogue.
    ///
    /// ```
    /// assert_eq!(standards_core::rules::Need::Openapi.as_str(), "openapi");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Openapi => "openapi",
            Self::Profile => "profile",
            Self::Logs => "logs",
            Self::Spawn => "spawn",
            Self::Fault => "fault",
            Self::Token => "token",
            Self::Outage => "outage",
            Self::Evidence => "evidence",
        }
    }
}

/// A sentence in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bilingual {
    /// Spanish.
    pub es: String,
    /// English.
    pub en: String,
}

impl Bilingual {
    /// The sentence in one language.
    ///
    /// ```
    /// use standards_core::Language;
    /// use standards_core::rules::Bilingual;
    ///
    /// let yes = Bilingual { es: "sí".into(), en: "yes".into() };
    /// assert_eq!(yes.of(Language::En), "yes");
    /// ```
    #[must_use]
    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::Es => &self.es,
            Language::En => &self.en,
        }
    }
}

/// One rule of the guideline.
#[derive(Clone, Debug)]
pub struct Rule {
    /// `LOG-12`: never given to another rule.
    pub id: String,
    /// How much the guideline insists.
    pub level: RuleLevel,
    /// The version of the catalogue that brought it.
    pub since: u32,
    /// The part of the id before the dash.
    pub family: String,
    /// Ids of the checklist boxes that it supports.
    pub boxes: Vec<String>,
    /// What must be there before it can be tested.
    pub needs: Vec<Need>,
    /// What is asked, as a sentence.
    pub title: Bilingual,
    /// The guideline's own words (Spanish), where it has any.
    pub quote: Option<String>,
    /// What goes wrong without it.
    pub why: Bilingual,
    /// How it is checked.
    pub check: Bilingual,
    /// How it is mended in FastAPI.
    pub fix_python: String,
    /// How it is mended with these crates.
    pub fix_rust: String,
}
