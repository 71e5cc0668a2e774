//! Verify who calls, before anything of the request is read.

use http::header::AUTHORIZATION;
use http::request::Parts;
use tower_layer::Layer;

use super::authenticator::Authenticator;
use crate::answer::ApiError;
use crate::layers::{Guard, HeadCheck};

/// Verifies the bearer token of each request, and gives handlers the [`Caller`](super::Caller).
///
/// Without a valid token the answer is 401, one and the same for every reason; with one that lacks the [`scope`](Self::scope) it is 403.
/// Nothing of the body is read before. See the [module](super) for an example.
///
/// | the request has | the answer |
/// |---|---|
/// | no `Authorization`, more than one, or one that is no bearer token | 401, `WWW-Authenticate: Bearer` (RFC 6750, section 3) |
/// | a token whose signature, times, issuer or audience are not right | the same |
/// | a valid token without the scope | 403 |
/// | a token of a key that has not been read yet | 503 |
/// | a valid token of a subject that asks too often ([`RateLimitLayer`](crate::layers::RateLimitLayer)) | 429 |
/// | a valid token | the handler's, with a [`Caller`](super::Caller) |
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

    /// Asks for this name in the token's `scope` too (RFC 8693, section 4.2): names separated by spaces, compared letter by letter.
    ///
    /// ```
    /// use axum::{Router, routing::get};
    /// use standards_axum::auth::{Authenticator, BearerLayer};
    /// use standards_axum::ok;
    ///
    /// fn routes(authenticator: &Authenticator) -> Router {
    ///     let asking = |scope| BearerLayer::new(authenticator.clone()).scope(scope);
    ///     Router::new()
    ///         .route("/saldo", get(async || ok(7)).layer(asking("saldos:read")))
    ///         .route("/cierre", get(async || ok(())).layer(asking("saldos:close")))
    /// }
    /// ```
    #[must_use]
    pub const fn scope(mut self, scope: &'static str) -> Self {
        self.check.scope = Some(scope);
        self
    }

    /// Lets requests without any `Authorization` header pass, with no caller. A token that is there must be valid still.
    ///
    /// For routes that show more to whoever they know; their handlers take an `Option<Caller>`.
    ///
    /// ```
    /// use axum::body::Body;
    /// use axum::{Router, routing::get};
    /// use http::Request;
    /// use standards_axum::auth::{AuthSettings, Authenticator, BearerLayer, Caller};
    /// use standards_axum::core::settings::Environment;
    /// use standards_axum::ok;
    /// use tower::ServiceExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let variables = [("SECRET_KEY", "a-key-of-at-least-32-bytes-for-tests"), ("JWT_ISSUER", "i"), ("JWT_AUDIENCE", "a")];
    /// let authenticator = Authenticator::new(&Environment::from_pairs(variables).settings::<AuthSettings>()?)?;
    /// let app: Router = Router::new()
    ///     .route("/tarifas", get(async |caller: Option<Caller>| ok(caller.is_some())))
    ///     .layer(BearerLayer::new(authenticator).optional());
    ///
    /// let request = Request::get("/tarifas");
    /// assert_eq!(app.clone().oneshot(request.body(Body::empty())?).await?.status(), 200);
    /// let bad = Request::get("/tarifas").header("authorization", "Bearer x.y.z");
    /// assert_eq!(app.oneshot(bad.body(Body::empty())?).await?.status(), 401);
    /// # Ok(())
    /// # }
    /// ```
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
        if self.optional && !head.headers.contains_key(AUTHORIZATION) {
            return Ok(());
        }
        self.authenticator.admit(head, self.scope)
    }
}
