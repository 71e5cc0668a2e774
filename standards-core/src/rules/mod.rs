//! The guideline's rules as data: what is asked, why, how it is seen from outside, and how it is mended.
//!
//! One record per rule in `rules/catalogue.toml`, beside the guideline's own checklist of 16 boxes. `standards-check` of `standards-axum`
//! judges them; its reports and the page of rules are made of nothing else.
//!
//! ```
//! use standards_core::Language;
//! use standards_core::rules::{RuleLevel, catalogue};
//!
//! let rule = catalogue().rule("LOG-12").unwrap();
//! assert_eq!(rule.level, RuleLevel::Must);
//! assert_eq!(rule.title.of(Language::Es), "Un error crítico deja ERROR con error.type y traceback");
//! assert_eq!(rule.boxes, ["L4"]);
//! ```

mod catalogue;
mod rule;

#[cfg(test)]
mod tests;

pub use catalogue::{Catalogue, Heading, catalogue};
pub use rule::{Bilingual, Need, Rule, RuleLevel};
