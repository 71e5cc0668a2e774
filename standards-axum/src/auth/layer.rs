//! Verify who calls, before anything of the request is read.

use http::request::Parts;
use standards_core::{ErrorStatus, Failure};
use tower_layer::Layer;

use super::authenticator::Authenticator;
use super::refusal::Refusal;
use crate::answer::ApiError;
use crate::layers::{Guard, HeadCheck};

/// Verifies the bearer token of each request, and gives handlers the [`Caller`](super::Caller).
///
/// Without a valid token the answer is 401, one and the same for every reason; with one that lacks the [`scope`](Self::scope) it is 403.
/// Nothing of the body is read before. See the [module](super) for an example.
#[derive(Clone, Debug)]
pub struct BearerLayer {
    check: Bearer,
}

/// The check of [`BearerLayer`].
#[derive(Clone, Debug)]
pub struct Bearer {
    authenticator: Authenticator,
    scope: Option<&'static str>,
    optional: bool,
}

impl BearerLayer {
    /// Asks every request for a token that `authenticator` verifies.
    #[must_use]
    pub const fn new(authenticator: Authenticator) -> Self {
        Self { check: Bearer { authenticator, scope: None, optional: false } }
    }

    /// Asks for this name in the token's `scope` too.
    #[must_use]
    pub const fn scope(mut self, scope: &'static str) -> Self {
        self.check.scope = Some(scope);
        self
    }

    /// Lets requests without any `Authorization` header pass, with no caller. A token that is there must be valid still.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.check.optional = true;
        self
    }
}

impl<S> Layer<S> for BearerLayer {
    type Service = Guard<S, Bearer>;

    fn layer(&self, inner: S) -> Guard<S, Bearer> {
        Guard::new(inner, self.check.clone())
    }
}

impl HeadCheck for Bearer {
    fn check(&self, head: &mut Parts) -> Result<(), ApiError> {
        let caller = match self.authenticator.authenticate(&head.headers) {
            Err(Refusal::Absent) if self.optional => return Ok(()),
            decided => decided?,
        };
        if let Some(scope) = self.scope.filter(|scope| !caller.has_scope(scope)) {
            return Err(Failure::http(ErrorStatus::FORBIDDEN).with_context("scope_required", scope).into());
        }
        head.extensions.insert(caller);
        Ok(())
    }
}
