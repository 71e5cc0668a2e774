//! Why a token is not taken: for the log alone.

use standards_core::{ErrorStatus, Failure};

use crate::answer::ApiError;

/// What is wrong with a request's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// There is none.
    Absent,
    /// The header is not one bearer token, or the token is no JWT of three parts in its own alphabet.
    Malformed,
    /// No key that is known may have signed it.
    UnknownKey,
    /// The set that may hold its key has not been read yet: nobody can tell.
    NotYetKnown,
    /// The signature is not of its key, or its algorithm is not the key's.
    Signature,
    /// `exp` has passed.
    Expired,
    /// `nbf` or `iat` has not come.
    NotYet,
    /// `iss` is another.
    Issuer,
    /// `aud` does not name this service.
    Audience,
    /// A claim is missing, or is not of its type.
    Claims,
}

impl Refusal {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Malformed => "malformed",
            Self::UnknownKey => "unknown_key",
            Self::NotYetKnown => "keys_not_read_yet",
            Self::Signature => "signature",
            Self::Expired => "expired",
            Self::NotYet => "not_yet_valid",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Claims => "claims",
        }
    }
}

/// One and the same answer, whatever the reason, but where it is not known whether there is one.
impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let failure = match refusal {
            Refusal::NotYetKnown => Failure::unavailable("the keys of JWKS_URL have not been read yet"),
            _ => Failure::http(ErrorStatus::UNAUTHORIZED),
        };
        failure.with_context("auth_error", refusal.as_str()).into()
    }
}
