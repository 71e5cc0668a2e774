//! What was annulled here and may still be in the shared level.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The most keys that are remembered one by one; from there on it is the whole namespace that is not believed.
const MOST: usize = 10_000;

/// Keys of which the shared level is not believed until it has annulled them.
#[derive(Default)]
pub(super) struct Unconfirmed(Mutex<Keys>);

#[derive(Default)]
struct Keys {
    by_key: HashMap<Arc<str>, u64>,
    all: Option<u64>,
    last: u64,
}

/// Whether the shared level is believed, and what has to be annulled there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    Full,
    /// The key, by this number.
    NotOfKey(u64),
    /// The namespace, by this number.
    NotAtAll(u64),
}

impl Unconfirmed {
    /// From now on the key is not believed.
    pub(super) fn begin(&self, key: &Arc<str>) -> u64 {
        let mut keys = self.keys();
        keys.last += 1;
        let number = keys.last;
        if keys.by_key.len() < MOST || keys.by_key.contains_key(key) {
            keys.by_key.insert(Arc::clone(key), number);
        } else {
            keys.all = Some(number);
        }
        number
    }

    /// From now on nothing is believed.
    pub(super) fn begin_all(&self) -> u64 {
        let mut keys = self.keys();
        keys.last += 1;
        keys.all = Some(keys.last);
        keys.last
    }

    /// The key was annulled there, unless it was annulled once more here.
    pub(super) fn confirm(&self, key: &str, number: u64) {
        let mut keys = self.keys();
        if keys.by_key.get(key) == Some(&number) {
            keys.by_key.remove(key);
        }
    }

    /// The namespace was annulled there, with all that was annulled here before it.
    pub(super) fn confirm_all(&self, number: u64) {
        let mut keys = self.keys();
        keys.all = keys.all.filter(|last| *last > number);
        keys.by_key.retain(|_, last| *last > number);
    }

    pub(super) fn trust(&self, key: &str) -> Trust {
        let keys = self.keys();
        match (keys.all, keys.by_key.get(key)) {
            (Some(number), _) => Trust::NotAtAll(number),
            (None, Some(number)) => Trust::NotOfKey(*number),
            (None, None) => Trust::Full,
        }
    }

    /// What has to be annulled yet.
    pub(super) fn pending(&self) -> (Option<u64>, Vec<(Arc<str>, u64)>) {
        let keys = self.keys();
        (keys.all, keys.by_key.iter().map(|(key, number)| (Arc::clone(key), *number)).collect())
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_believed_again_when_its_last_annulment_is_confirmed() {
        let (unconfirmed, key) = (Unconfirmed::default(), Arc::from("a"));
        let (first, second) = (unconfirmed.begin(&key), unconfirmed.begin(&key));
        unconfirmed.confirm("a", first);
        assert_eq!(unconfirmed.trust("a"), Trust::NotOfKey(second));
        unconfirmed.confirm("a", second);
        assert_eq!((unconfirmed.trust("a"), unconfirmed.trust("b")), (Trust::Full, Trust::Full));
    }

    #[test]
    fn too_many_keys_are_the_whole_namespace() {
        let unconfirmed = Unconfirmed::default();
        for key in 0..=MOST {
            unconfirmed.begin(&Arc::from(key.to_string()));
        }
        let Trust::NotAtAll(number) = unconfirmed.trust("x") else { panic!("it is believed") };
        unconfirmed.confirm_all(number);
        assert_eq!((unconfirmed.trust("x"), unconfirmed.trust("1")), (Trust::Full, Trust::Full));
        assert!(unconfirmed.pending().1.is_empty());
    }
}
