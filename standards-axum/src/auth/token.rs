//! What a token says, read strictly; its signature is the library's to verify.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny};
use serde_json::value::RawValue;

use super::caller::Caller;
use super::refusal::Refusal;

/// Bytes of a token at most. A longer one is no token of a caller, and is not looked at.
pub(super) const LONGEST: usize = 8192;
/// Seconds that another clock may be ahead. None behind: from the second of `exp` on a token is refused (RFC 7519, section 4.1.4).
const LEEWAY: f64 = 5.0;
/// The last second of the year 9999: a later `exp` is no date.
const LAST_SECOND: f64 = 253_402_300_799.0;
const LONGEST_SUBJECT: usize = 255;

/// A token in its three parts, none of them believed yet.
// Each part is read once, into what it borrows: with the library's own reading, which reads each two or three times, a verified
// request takes 2.1 times as long as an open one in place of 1.6 (`cargo bench -p standards-axum --bench stack`).
pub(super) struct Token<'t> {
    whole: &'t str,
    /// Header and payload, as they were signed.
    pub(super) message: &'t [u8],
    pub(super) signature: &'t str,
    payload: &'t str,
}

impl<'t> Token<'t> {
    /// The token, and its header decoded. Each part is of the token's alphabet.
    pub(super) fn parse(whole: &'t str) -> Result<(Self, Vec<u8>), Refusal> {
        if !whole.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')) {
            return Err(Refusal::Malformed);
        }
        let mut parts = whole.split('.');
        let (Some(header), Some(payload), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Refusal::Malformed);
        };
        let message = whole.as_bytes().get(..header.len() + 1 + payload.len()).ok_or(Refusal::Malformed)?;
        Ok((Self { whole, message, signature, payload }, decoded(header)?))
    }

    /// The caller that the payload names, if it is for this service and now; asked once the signature is known to be right.
    pub(super) fn caller(&self, expected: &Expected, now: u64) -> Result<Caller, Refusal> {
        let payload = decoded(self.payload)?;
        let claims: Claims<'_> = serde_json::from_slice(&payload).map_err(|_| Refusal::Claims)?;
        claims.check(expected, now)?;
        Ok(Caller::new(&claims.sub, &claims.scope, self.whole, claims.lifetime()))
    }
}

fn decoded(part: &str) -> Result<Vec<u8>, Refusal> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Refusal::Malformed)
}

/// What a token's head says of the key. Extensions that must be understood are not (RFC 7515, section 4.1.11), and no key comes with a
/// token.
#[derive(Deserialize)]
pub(super) struct Header<'h> {
    #[serde(borrow)]
    pub(super) alg: Cow<'h, str>,
    #[serde(borrow, default)]
    pub(super) kid: Option<Cow<'h, str>>,
    #[serde(default)]
    crit: Present,
    #[serde(default)]
    jku: Present,
    #[serde(default)]
    jwk: Present,
    #[serde(default)]
    x5u: Present,
    #[serde(default)]
    x5c: Present,
    #[serde(default)]
    zip: Present,
}

impl<'h> Header<'h> {
    pub(super) fn parse(text: &'h [u8]) -> Result<Self, Refusal> {
        let header: Self = serde_json::from_slice(text).map_err(|_| Refusal::Malformed)?;
        let foreign = [header.crit, header.jku, header.jwk, header.x5u, header.x5c, header.zip];
        if foreign.iter().any(|present| present.0) { Err(Refusal::Malformed) } else { Ok(header) }
    }
}

/// Whether a member is there, whatever it is.
#[derive(Clone, Copy, Default)]
struct Present(bool);

impl<'de> Deserialize<'de> for Present {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self(true))
    }
}

/// Whom a token must be from and for.
#[derive(Clone, Debug, Default)]
pub(super) struct Expected {
    pub(super) issuer: String,
    pub(super) audience: String,
}

/// The claims that count, each of its type; a claim that stands twice is an error.
#[derive(Deserialize)]
struct Claims<'c> {
    #[serde(borrow)]
    iss: Cow<'c, str>,
    #[serde(borrow)]
    sub: Cow<'c, str>,
    #[serde(borrow)]
    aud: &'c RawValue,
    exp: f64,
    #[serde(default, deserialize_with = "number")]
    nbf: Option<f64>,
    #[serde(default, deserialize_with = "number")]
    iat: Option<f64>,
    #[serde(borrow, default)]
    scope: Cow<'c, str>,
}

/// Absent, or a number: null is neither.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    f64::deserialize(deserializer).map(Some)
}

/// When a token is valid, in seconds of the Unix epoch.
#[derive(Clone, Copy)]
pub(super) struct Lifetime {
    /// `nbf` or `iat`, whichever is later.
    starts: f64,
    /// `exp`.
    ends: f64,
}

impl Lifetime {
    pub(super) fn check(self, now: u64) -> Result<(), Refusal> {
        #[expect(clippy::cast_precision_loss, reason = "the seconds of this era are exact in 53 bits")]
        let now = now as f64;
        if self.ends <= now {
            Err(Refusal::Expired)
        } else if self.starts > now + LEEWAY {
            Err(Refusal::NotYet)
        } else {
            Ok(())
        }
    }
}

impl Claims<'_> {
    fn lifetime(&self) -> Lifetime {
        let starts = [self.nbf, self.iat].into_iter().flatten().fold(0.0, f64::max);
        Lifetime { starts, ends: self.exp }
    }

    fn check(&self, expected: &Expected, now: u64) -> Result<(), Refusal> {
        if !self.is_well_formed() {
            return Err(Refusal::Claims);
        }
        self.lifetime().check(now)?;
        if self.iss != expected.issuer {
            Err(Refusal::Issuer)
        } else if !names(self.aud, &expected.audience) {
            Err(Refusal::Audience)
        } else {
            Ok(())
        }
    }

    fn is_well_formed(&self) -> bool {
        let length = self.sub.chars().take(LONGEST_SUBJECT + 1).count();
        (1..=LONGEST_SUBJECT).contains(&length)
            && !self.sub.chars().any(char::is_control)
            && (0.0..=LAST_SECOND).contains(&self.exp)
    }
}

/// One name, or a list of them (RFC 7519, section 4.1.3).
fn names(audience: &RawValue, expected: &str) -> bool {
    if let Ok(one) = serde_json::from_str::<Cow<'_, str>>(audience.get()) {
        return one == expected;
    }
    serde_json::from_str::<Vec<Cow<'_, str>>>(audience.get()).is_ok_and(|all| all.iter().any(|name| name == expected))
}
