//! One token against one key.

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Header, TokenData, Validation};
use serde::Deserialize;

use super::caller::Caller;
use super::keys::Key;
use super::refusal::Refusal;

/// Bytes of a token at most. A longer one is no token of a caller, and is not looked at.
pub(super) const LONGEST: usize = 8192;
/// Seconds that another clock may be ahead. None behind: from the second of `exp` on a token is refused (RFC 7519, section 4.1.4).
const LEEWAY: u64 = 5;
/// The last second of the year 9999: a later `exp` is no date.
const LAST_SECOND: f64 = 253_402_300_799.0;
const LONGEST_SUBJECT: usize = 255;

/// The claims that are asked for beyond the times, the issuer and the audience, which the library verifies.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    /// One issuer: a list of them is none.
    #[serde(rename = "iss")]
    _iss: String,
    exp: f64,
    iat: Option<f64>,
    #[serde(default)]
    scope: String,
}

/// What a token must say, whichever key has signed it.
pub(super) fn rules(algorithm: jsonwebtoken::Algorithm, issuer: &str, audience: &str) -> Validation {
    let mut rules = Validation::new(algorithm);
    rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    rules.set_issuer(&[issuer]);
    rules.set_audience(&[audience]);
    rules.validate_nbf = true;
    rules.leeway = LEEWAY;
    rules.reject_tokens_expiring_in_less_than = LEEWAY + 1;
    rules
}

/// The header of a token that may be looked at further.
pub(super) fn header(token: &str) -> Result<Header, Refusal> {
    if token.len() > LONGEST {
        return Err(Refusal::Malformed);
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| Refusal::Malformed)?;
    // Extensions that must be understood are not (RFC 7515, section 4.1.11), and a key never comes with the token.
    let foreign = header.crit.is_some()
        || header.jku.is_some()
        || header.jwk.is_some()
        || header.x5u.is_some()
        || header.x5c.is_some()
        || header.zip.is_some();
    if foreign { Err(Refusal::Malformed) } else { Ok(header) }
}

/// The caller whose token `key` has signed.
pub(super) fn verify(token: &str, key: &Key) -> Result<Caller, Refusal> {
    let TokenData { claims, .. } =
        jsonwebtoken::decode::<Claims>(token, &key.decoding, &key.rules).map_err(|error| refusal(error.kind()))?;
    let now = jsonwebtoken::get_current_timestamp();
    let subject = &claims.sub;
    let is_subject = (1..=LONGEST_SUBJECT).contains(&subject.chars().count()) && !subject.chars().any(char::is_control);
    if !is_subject || claims.exp > LAST_SECOND {
        return Err(Refusal::Claims);
    }
    #[expect(clippy::cast_precision_loss, reason = "the seconds of this era are exact in 53 bits")]
    if claims.iat.is_some_and(|issued| issued > (now + LEEWAY) as f64) {
        return Err(Refusal::NotYet);
    }
    Ok(Caller::new(subject, &claims.scope, token))
}

fn refusal(kind: &ErrorKind) -> Refusal {
    match kind {
        ErrorKind::InvalidSignature | ErrorKind::InvalidAlgorithm => Refusal::Signature,
        ErrorKind::ExpiredSignature => Refusal::Expired,
        ErrorKind::ImmatureSignature => Refusal::NotYet,
        ErrorKind::InvalidIssuer => Refusal::Issuer,
        ErrorKind::InvalidAudience => Refusal::Audience,
        ErrorKind::InvalidToken | ErrorKind::Base64(_) => Refusal::Malformed,
        _ => Refusal::Claims,
    }
}
