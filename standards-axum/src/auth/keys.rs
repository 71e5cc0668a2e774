//! The keys that may have signed a token.

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};

use super::caller::Caller;
use super::refusal::Refusal;
use super::seen::Seen;
use super::token::{Expected, Header, Token};

/// A key, and the one algorithm that it verifies.
#[derive(Clone)]
pub(super) struct Key {
    /// Its name in a set; the secrets have none.
    pub(super) id: Option<Box<str>>,
    pub(super) kind: Kind,
}

/// What a key is made ready for.
#[derive(Clone)]
pub(super) enum Kind {
    // The library makes the key anew for each token, which takes as long as the signature does: `cargo bench-http`, its row with a token.
    Secret(Box<hmac::Key>),
    Public(Algorithm, DecodingKey),
}

impl Key {
    /// A shared secret: HS256.
    pub(super) fn of_secret(secret: &str) -> Self {
        Self { id: None, kind: Kind::Secret(Box::new(hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()))) }
    }

    /// The algorithm as a token's header names it (RFC 7518, section 3.1).
    const fn alg(&self) -> &'static str {
        match self.kind {
            Kind::Secret(_) => "HS256",
            Kind::Public(Algorithm::RS256, _) => "RS256",
            Kind::Public(Algorithm::ES256, _) => "ES256",
            Kind::Public(Algorithm::EdDSA, _) => "EdDSA",
            Kind::Public(..) => "",
        }
    }

    fn has_signed(&self, token: &Token<'_>) -> bool {
        match &self.kind {
            Kind::Secret(key) => has_authenticated(key, token),
            Kind::Public(algorithm, key) => {
                jsonwebtoken::crypto::verify(token.signature, token.message, key, *algorithm).unwrap_or(false)
            }
        }
    }
}

/// Room for the 32 bytes of an HMAC with SHA-256, and for what base64 counts beyond them: a longer signature is none.
const LONGEST_TAG: usize = 36;

/// In constant time, whatever the signature says.
fn has_authenticated(key: &hmac::Key, token: &Token<'_>) -> bool {
    let mut tag = [0; LONGEST_TAG];
    let length = URL_SAFE_NO_PAD.decode_slice(token.signature, &mut tag).ok();
    length.and_then(|length| tag.get(..length)).is_some_and(|tag| hmac::verify(key, token.message, tag).is_ok())
}

/// Nothing of a key is shown.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").finish_non_exhaustive()
    }
}

/// The secrets, and the keys of the set as it was last read.
#[derive(Debug, Default)]
pub(super) struct Keys {
    pub(super) secrets: Vec<Key>,
    pub(super) set: Vec<Key>,
    /// What they have verified.
    pub(super) seen: Seen,
}

impl Keys {
    /// The caller of `token`, under a key that may have signed it and did.
    pub(super) fn verify(&self, token: &str, expected: &Expected) -> Result<Caller, Refusal> {
        let now = jsonwebtoken::get_current_timestamp();
        if let Some(caller) = self.seen.caller(token, now) {
            return Ok(caller);
        }
        let (token, header) = Token::parse(token)?;
        let header = Header::parse(&header)?;
        if !self.candidates(&header).any(|key| key.has_signed(&token)) {
            return Err(if self.misses(&header) { Refusal::UnknownKey } else { Refusal::Signature });
        }
        let caller = token.caller(expected, now)?;
        self.seen.keep(&caller);
        Ok(caller)
    }

    /// Those of the algorithm that the token names, which is never another than the key's. A token without a name for its key can be of
    /// a secret, or of a set's only key.
    fn candidates<'k>(&'k self, header: &'k Header<'_>) -> impl Iterator<Item = &'k Key> {
        let of_set = self.set.iter().filter(|key| match header.kid.as_deref() {
            Some(name) => key.id.as_deref() == Some(name),
            None => self.set.len() == 1,
        });
        self.secrets.iter().chain(of_set).filter(|key| key.alg() == header.alg)
    }

    /// Whether the token names a key that the set does not have, or not yet.
    fn misses(&self, header: &Header<'_>) -> bool {
        let is = |name: &str| self.set.iter().any(|key| key.id.as_deref() == Some(name));
        header.kid.as_deref().is_some_and(|name| !is(name))
    }
}
