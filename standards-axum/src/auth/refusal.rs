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
            Self::Signature => "signature",
            Self::Expired => "expired",
            Self::NotYet => "not_yet_valid",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Claims => "claims",
        }
    }
}

/// One and the same answer, whatever the reason.
impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Failure::http(ErrorStatus::UNAUTHORIZED).with_context("auth_error", refusal.as_str()).into()
    }
}
