//! TST-01: how much of the code the tests run.

use standards_core::rules::Bilingual;

use super::{Said, xml};
use crate::conformance::text::both;

/// The guideline's least coverage, in hundredths.
const LEAST: u64 = 80;

/// The sum over all files of an LCOV trace.
pub(super) fn lcov(text: &str) -> Result<Said, Bilingual> {
    let sum = |prefix: &str| {
        text.lines().filter_map(|line| line.strip_prefix(prefix)?.trim().parse::<u64>().ok()).fold(0, u64::saturating_add)
    };
    covered(sum("LF:"), sum("LH:"))
        .ok_or_else(|| both("La traza LCOV no cuenta líneas (LF:, LH:)", "The LCOV trace counts no lines (LF:, LH:)"))
}

/// What the root of a Cobertura report says.
pub(super) fn cobertura(text: &str) -> Result<Said, Bilingual> {
    let tags = xml::tags(text)?;
    let root = tags.iter().find(|tag| tag.is_open("coverage"));
    let number = |name| root.and_then(|root| root.attribute(name)).and_then(|value| value.parse::<u64>().ok());
    number("lines-valid").zip(number("lines-covered")).and_then(|(lines, hit)| covered(lines, hit)).ok_or_else(|| {
        both(
            "El informe Cobertura no cuenta líneas (lines-valid, lines-covered)",
            "The Cobertura report counts no lines (lines-valid, lines-covered)",
        )
    })
}

/// Nothing where there are no lines, or more were run than there are.
fn covered(lines: u64, hit: u64) -> Option<Said> {
    if lines == 0 || hit > lines {
        return None;
    }
    let tenths = u64::try_from(u128::from(hit) * 1000 / u128::from(lines)).ok()?;
    let told = format!("{}.{} % ({hit}/{lines})", tenths / 10, tenths % 10);
    let wrong = if tenths >= LEAST * 10 { Vec::new() } else { vec![told.clone()] };
    Some(Said::new("TST-01", wrong, both(format!("cobertura {told}"), format!("coverage {told}"))))
}
