//! Series by their labels: bounded, and found without a lock.

use std::hash::{Hash, Hasher};
use std::sync::OnceLock;

/// At most `N` series, each made when it is first asked for and there for good.
///
/// A request finds its own by one hash and, nearly always, one comparison, and takes no lock for it; `bench stack` has the row.
pub(super) struct SeriesTable<T, const N: usize> {
    places: [OnceLock<Box<T>>; N],
}

/// What tells a series from the others.
pub(super) trait Labelled {
    type Labels<'l>: Hash + Copy;

    fn has(&self, labels: Self::Labels<'_>) -> bool;

    fn of(labels: Self::Labels<'_>) -> Self;
}

impl<T, const N: usize> Default for SeriesTable<T, N> {
    fn default() -> Self {
        Self { places: [const { OnceLock::new() }; N] }
    }
}

impl<T: Labelled, const N: usize> SeriesTable<T, N> {
    /// The series with these labels; none where there is no place for another.
    pub(super) fn get(&self, labels: T::Labels<'_>) -> Option<&T> {
        let mut hasher = Fnv::default();
        labels.hash(&mut hasher);
        let first = usize::try_from(hasher.finish() % (N as u64)).unwrap_or_default();
        let (before, from) = self.places.split_at_checked(first)?;
        let mut in_order = from.iter().chain(before).map(|place| &**place.get_or_init(|| Box::new(T::of(labels))));
        in_order.find(|series| series.has(labels))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.places.iter().filter_map(|place| place.get().map(|series| &**series))
    }
}

/// FNV-1a, 64 bits. The labels are the service's own, its routes, its catalogues' codes, nine verbs: nobody outside can choose those that
/// meet, so the hash need not withstand it. It saves a request half of what its counting costs (`cargo bench-http`).
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3));
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Number(u64);

    impl Labelled for Number {
        type Labels<'l> = u64;

        fn has(&self, labels: u64) -> bool {
            self.0 == labels
        }

        fn of(labels: u64) -> Self {
            Self(labels)
        }
    }

    #[test]
    fn each_has_its_own_until_there_is_no_place() {
        let table = SeriesTable::<Number, 8>::default();
        for _ in 0..2 {
            let found: Vec<_> = (0..8).map(|number| table.get(number).map(|series| series.0)).collect();
            assert_eq!(found, (0..8).map(Some).collect::<Vec<_>>());
        }
        assert!(table.get(8).is_none());
        assert_eq!((table.iter().count(), table.get(7).map(|series| series.0)), (8, Some(7)));
    }

    #[test]
    fn threads_that_meet_share_one() {
        let table = SeriesTable::<Number, 64>::default();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..48).for_each(|number| assert_eq!(table.get(number).map(|series| series.0), Some(number))));
            }
        });
        assert_eq!(table.iter().count(), 48);
    }
}
