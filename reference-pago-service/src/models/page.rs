//! Which part of a list is asked for.

use standards_core::FixedDecimal;

/// How many rows to pass over: 0..=10000, 0 by default.
pub type Skip = FixedDecimal<0, 0, 10_000>;

/// How many rows to return at most: 1..=1000, 100 by default.
pub type Limit = FixedDecimal<0, 1, 1_000>;

/// The id after which a page begins (keyset paging): >= 0.
pub type AfterId = FixedDecimal<0, 0, { i64::MAX }>;

/// A page of a list ordered by id: the rows with `id > after_id`, less the first `skip` of them,
/// `limit` at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Rows to pass over.
    pub skip: Skip,
    /// Rows to return at most.
    pub limit: Limit,
    /// Only rows with a larger id.
    pub after_id: Option<AfterId>,
}

impl Page {
    /// How many rows are returned of who does not say.
    pub const DEFAULT_LIMIT: Limit = match Limit::from_units(100) {
        Some(limit) => limit,
        None => Limit::MAX,
    };

    /// The id after which the page begins; zero, which no row has, by default.
    #[must_use]
    pub fn after(&self) -> i64 {
        self.after_id.map_or(0, AfterId::units)
    }
}

impl Default for Page {
    fn default() -> Self {
        Self { skip: Skip::ZERO, limit: Self::DEFAULT_LIMIT, after_id: None }
    }
}

#[cfg(test)]
mod tests {
    use super::{AfterId, Limit, Page, Skip};

    #[test]
    fn a_page_begins_at_the_start_and_holds_a_hundred_rows_by_default() {
        let page = Page::default();
        assert_eq!((page.skip.units(), page.limit.units(), page.after_id), (0, 100, None));
    }

    #[test]
    fn the_bounds_belong_to_the_range() {
        assert!("0".parse::<Skip>().is_ok() && "10000".parse::<Skip>().is_ok());
        assert!("1".parse::<Limit>().is_ok() && "1000".parse::<Limit>().is_ok());
        assert!("0".parse::<AfterId>().is_ok());
    }

    #[test]
    fn what_lies_outside_is_refused() {
        for text in ["0", "-1", "1001", "1000000000", "9223372036854775808", "abc", "1.5", ""] {
            assert!(text.parse::<Limit>().is_err(), "{text}");
        }
        for text in ["-1", "10001", "9223372036854775808"] {
            assert!(text.parse::<Skip>().is_err(), "{text}");
        }
    }
}
