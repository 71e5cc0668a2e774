//! Tokens that were verified already: the same text is the same caller, as long as it lasts.

use std::fmt;
use std::hash::{BuildHasher, RandomState};

use arc_swap::ArcSwapOption;

use super::caller::{Caller, Verified};

/// As many are known at once; one that comes to the place of another takes it.
const PLACES: usize = 512;
/// Bytes of a token at most: so all of them take two megabytes.
const LONGEST: usize = 2048;
/// So many bytes of a signature's end tell its token's place: no two tokens have the same signature.
const TAIL: usize = 32;

/// What was verified by one set of keys, and is forgotten with it.
// A client sends the same token with each request: known again it costs a comparison in place of a signature, two readings of base64 and two of
// JSON (`cargo bench-http`, its row with a token).
pub(super) struct Seen {
    hasher: RandomState,
    places: [ArcSwapOption<Verified>; PLACES],
}

impl Seen {
    /// The caller of a token that was verified and is valid still at `now`, in seconds of the Unix epoch.
    pub(super) fn caller(&self, token: &str, now: u64) -> Option<Caller> {
        let verified = self.place(token)?.load_full()?;
        (verified.token() == token && verified.lifetime.check(now).is_ok()).then_some(Caller(verified))
    }

    /// Knows the caller's token from now on.
    pub(super) fn keep(&self, Caller(verified): &Caller) {
        if let Some(place) = self.place(verified.token()).filter(|_| verified.token().len() <= LONGEST) {
            place.store(Some(verified.clone()));
        }
    }

    fn place(&self, token: &str) -> Option<&ArcSwapOption<Verified>> {
        let tail = token.as_bytes().last_chunk::<TAIL>()?;
        let hash = usize::try_from(self.hasher.hash_one(tail) % PLACES as u64).ok()?;
        self.places.get(hash)
    }
}

impl Default for Seen {
    fn default() -> Self {
        Self { hasher: RandomState::new(), places: [const { ArcSwapOption::const_empty() }; PLACES] }
    }
}

/// Nothing of a token is shown.
impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seen").finish_non_exhaustive()
    }
}
