//! Which part of a list is asked for.

use super::input::bounded_integer;

bounded_integer! {
    /// How many rows to pass over: 0..=10000, 0 by default.
    #[derive(Default)]
    text Skip(0..=10_000), "debe ser un entero entre 0 y 10000", "must be an integer from 0 to 10000"
}

bounded_integer! {
    /// How many rows to return at most: 1..=1000, 100 by default.
    text Limit(1..=1_000), "debe ser un entero entre 1 y 1000", "must be an integer from 1 to 1000"
}

bounded_integer! {
    /// The id after which a page begins (keyset paging): >= 0.
    text AfterId(0..=i64::MAX), "debe ser un entero mayor o igual que cero", "must be an integer of at least zero"
}

/// A page of a list ordered by id: the rows with `id > after_id`, less the first `skip` of them,
/// `limit` at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Rows to pass over.
    pub skip: Skip,
    /// Rows to return at most.
    pub limit: Limit,
    /// Only rows with a larger id.
    pub after_id: Option<AfterId>,
}

impl Page {
    /// The id after which the page begins; zero, which no row has, by default.
    #[must_use]
    pub fn after(&self) -> i64 {
        self.after_id.map_or(0, AfterId::get)
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(100)
    }
}

#[cfg(test)]
mod tests {
    use super::{AfterId, Limit, Page, Skip};

    #[test]
    fn a_page_begins_at_the_start_and_holds_a_hundred_rows_by_default() {
        let page = Page::default();
        assert_eq!((page.skip.get(), page.limit.get(), page.after_id), (0, 100, None));
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
