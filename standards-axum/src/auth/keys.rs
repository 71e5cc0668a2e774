//! The keys that may have signed a token.

use std::fmt;

use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};

use super::caller::Caller;
use super::refusal::Refusal;
use super::token;

/// A key, the one algorithm that it verifies, and what a token under it must say.
#[derive(Clone)]
pub(super) struct Key {
    /// Its name in a set; the secrets have none.
    pub(super) id: Option<Box<str>>,
    pub(super) decoding: DecodingKey,
    pub(super) rules: Validation,
}

impl Key {
    /// A shared secret: HS256.
    pub(super) fn of_secret(secret: &str, issuer: &str, audience: &str) -> Self {
        let rules = token::rules(Algorithm::HS256, issuer, audience);
        Self { id: None, decoding: DecodingKey::from_secret(secret.as_bytes()), rules }
    }
}

/// Nothing of a key is shown.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").finish_non_exhaustive()
    }
}

/// The secrets, and the keys of the set as it was last read.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys {
    pub(super) secrets: Vec<Key>,
    pub(super) set: Vec<Key>,
}

impl Keys {
    pub(super) const fn is_empty(&self) -> bool {
        self.secrets.is_empty() && self.set.is_empty()
    }

    /// The caller of `token`, under the first key that may have signed it and did.
    pub(super) fn verify(&self, token: &str) -> Result<Caller, Refusal> {
        let header = token::header(token)?;
        let mut last = Refusal::UnknownKey;
        for key in self.candidates(&header) {
            match token::verify(token, key) {
                Err(Refusal::Signature) => last = Refusal::Signature,
                decided => return decided,
            }
        }
        Err(last)
    }

    /// Those that the token names, of their own algorithm. A token without a name can be of a secret, or of a set's only key.
    fn candidates(&self, header: &Header) -> impl Iterator<Item = &Key> {
        let algorithm = header.alg;
        let named = header.kid.as_deref();
        let alone = self.set.len() == 1;
        let of_set = self.set.iter().filter(move |key| match named {
            Some(name) => key.id.as_deref() == Some(name),
            None => alone,
        });
        self.secrets.iter().chain(of_set).filter(move |key| key.rules.algorithms.contains(&algorithm))
    }

    /// Whether the set should be read anew: the token names a key that is in none.
    pub(super) fn misses(&self, token: &str) -> bool {
        let named = token::header(token).ok().and_then(|header| header.kid);
        named.is_some_and(|name| !self.set.iter().any(|key| key.id.as_deref() == Some(&*name)))
    }
}
