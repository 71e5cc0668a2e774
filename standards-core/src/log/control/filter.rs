//! Which levels are written, per module.

use std::fmt;
use std::str::FromStr;

use tracing::level_filters::LevelFilter;

/// Level filters in the grammar of `RUST_LOG`: `info`, `info,sqlx=warn`, `off,mi_servicio::pagos=debug`.
///
/// Directives are separated by commas. `level` stands for everything that no other directive names; `target=level` for modules
/// whose path begins with `target`, the longest one first; a `target` alone means all its levels. Levels are `off`, `error`,
/// `warn` or `warning`, `info`, `debug` and `trace`, in any case. Where no bare level stands, it is `info`.
///
/// ```
/// use standards_core::log::{LevelFilters, LogLevel};
///
/// let filters: LevelFilters = "WARNING,mi_servicio=debug,mi_servicio::ruidoso=off".parse().unwrap();
/// assert!(filters.enables("mi_servicio::pagos", LogLevel::Debug));
/// assert!(!filters.enables("mi_servicio::ruidoso", LogLevel::Error));
/// assert!(!filters.enables("sqlx::query", LogLevel::Info));
/// assert!("info,[span]=debug".parse::<LevelFilters>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelFilters {
    default: LevelFilter,
    /// Longest first, so that the first one that fits is the most precise.
    targets: Vec<(Box<str>, LevelFilter)>,
}

/// A directive that is none.
///
/// ```
/// let error = "info,pagos=loud".parse::<standards_core::log::LevelFilters>().unwrap_err();
/// assert_eq!(error.to_string(), "'pagos=loud' is neither a level nor target=level");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    directive: String,
}

impl LevelFilters {
    /// The same filters with another level for the modules under `target`; an empty `target` is everything not named.
    ///
    /// ```
    /// use standards_core::log::{LevelFilter, LevelFilters};
    ///
    /// let filters = LevelFilters::default().with("sqlx", LevelFilter::WARN).with("", LevelFilter::DEBUG);
    /// assert_eq!(filters.to_string(), "debug,sqlx=warn");
    /// ```
    #[must_use]
    pub fn with(mut self, target: &str, level: LevelFilter) -> Self {
        self.set(target, level);
        self
    }

    /// Whether a record of `level` from the module `target` is written.
    #[must_use]
    pub fn enables(&self, target: &str, level: crate::level::LogLevel) -> bool {
        self.level_of(target) >= LevelFilter::from(level)
    }

    /// The level of the modules under `target`.
    ///
    /// ```
    /// use standards_core::log::{LevelFilter, LevelFilters};
    ///
    /// let filters: LevelFilters = "info,sqlx=off".parse()?;
    /// assert_eq!(filters.level_of("sqlx::query"), LevelFilter::OFF);
    /// assert_eq!(filters.level_of("hyper"), LevelFilter::INFO);
    /// # Ok::<(), standards_core::log::FilterError>(())
    /// ```
    #[must_use]
    pub fn level_of(&self, target: &str) -> LevelFilter {
        let named = self.targets.iter().find(|(prefix, _)| target.starts_with(&**prefix));
        named.map_or(self.default, |(_, level)| *level)
    }

    /// The most verbose level of any module.
    pub(super) fn most(&self) -> LevelFilter {
        self.targets.iter().map(|(_, level)| *level).fold(self.default, std::cmp::max)
    }

    /// The level that every module has at least.
    pub(super) fn least(&self) -> LevelFilter {
        self.targets.iter().map(|(_, level)| *level).fold(self.default, std::cmp::min)
    }

    pub(super) fn set(&mut self, target: &str, level: LevelFilter) {
        if target.is_empty() {
            self.default = level;
            return;
        }
        self.targets.retain(|(prefix, _)| **prefix != *target);
        let place = self.targets.partition_point(|(prefix, _)| prefix.len() >= target.len());
        self.targets.insert(place, (target.into(), level));
    }
}

impl Default for LevelFilters {
    /// `info`.
    fn default() -> Self {
        Self { default: LevelFilter::INFO, targets: Vec::new() }
    }
}

impl From<crate::level::LogLevel> for LevelFilters {
    fn from(level: crate::level::LogLevel) -> Self {
        Self::default().with("", level.into())
    }
}

impl FromStr for LevelFilters {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut filters = Self::default();
        for directive in text.split(',').map(str::trim).filter(|directive| !directive.is_empty()) {
            let (target, level) = parse_directive(directive).ok_or_else(|| FilterError { directive: directive.to_owned() })?;
            filters.set(target, level);
        }
        Ok(filters)
    }
}

fn parse_directive(directive: &str) -> Option<(&str, LevelFilter)> {
    match directive.split_once('=') {
        Some((target, level)) => is_target(target).then_some((target, parse_level(level)?)),
        None => match parse_level(directive) {
            Some(level) => Some(("", level)),
            None => is_target(directive).then_some((directive, LevelFilter::TRACE)),
        },
    }
}

fn is_target(text: &str) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '-' | '.');
    !text.is_empty() && text.chars().all(allowed)
}

pub(super) fn parse_level(text: &str) -> Option<LevelFilter> {
    let level = match text.trim().to_ascii_lowercase().as_str() {
        "off" => LevelFilter::OFF,
        "error" => LevelFilter::ERROR,
        "warn" | "warning" => LevelFilter::WARN,
        "info" => LevelFilter::INFO,
        "debug" => LevelFilter::DEBUG,
        "trace" => LevelFilter::TRACE,
        _ => return None,
    };
    Some(level)
}

/// The directives, as they could be parsed again.
impl fmt::Display for LevelFilters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.default)?;
        self.targets.iter().try_for_each(|(target, level)| write!(f, ",{target}={level}"))
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' is neither a level nor target=level", self.directive.escape_debug())
    }
}

impl std::error::Error for FilterError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::LogLevel;

    #[test]
    fn the_longest_target_decides() {
        let filters: LevelFilters = "a=warn, a::b=debug ,a::b::c=off,error".parse().unwrap();
        let level = |target| filters.level_of(target);
        assert_eq!(level("a::x"), LevelFilter::WARN);
        assert_eq!(level("a::b::x"), LevelFilter::DEBUG);
        assert_eq!(level("a::b::c"), LevelFilter::OFF);
        assert_eq!(level("z"), LevelFilter::ERROR);
        assert_eq!((filters.least(), filters.most()), (LevelFilter::OFF, LevelFilter::DEBUG));
    }

    #[test]
    fn no_bare_level_means_info() {
        for text in ["", " , ", "sqlx=warn"] {
            assert_eq!(text.parse::<LevelFilters>().unwrap().level_of("x"), LevelFilter::INFO, "{text:?}");
        }
        assert_eq!("sqlx".parse::<LevelFilters>().unwrap().level_of("sqlx::query"), LevelFilter::TRACE);
    }

    #[test]
    fn a_later_directive_replaces_an_equal_one() {
        assert_eq!("a=off,a=debug,warn,info".parse::<LevelFilters>().unwrap().to_string(), "info,a=debug");
    }

    #[test]
    fn what_is_printed_can_be_read_again() {
        let filters: LevelFilters = "warn,sqlx::query=off,hyper=trace".parse().unwrap();
        assert_eq!(filters.to_string().parse(), Ok(filters));
        assert!(LevelFilters::from(LogLevel::Warning).enables("x", LogLevel::Warning));
    }

    #[test]
    fn what_is_no_directive_is_named() {
        for text in ["a=", "=info", "a=loud", "[s]=debug", "a b", "info;a=off", "\u{1b}"] {
            let error = text.parse::<LevelFilters>().unwrap_err();
            assert!(!error.to_string().contains('\u{1b}'), "{error}");
        }
    }
}
