//! The verified caller of a request.

use std::fmt;
use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::refusal::Refusal;
use super::token::Lifetime;
use crate::answer::ApiError;

/// Whoever sent the request, as its verified token says.
///
/// As an argument of a handler it is required: without a [`BearerLayer`](super::BearerLayer) around the route, or without a token where
/// that layer allows none, the request is refused with 401. `Option<Caller>` may be missing. `Debug` shows nothing of the token.
///
/// ```
/// use axum::body::Body;
/// use axum::{Router, routing::get};
/// use http::Request;
/// use standards_axum::auth::Caller;
/// use standards_axum::{ApiResult, ok};
/// use tower::ServiceExt;
///
/// async fn quien(caller: Option<Caller>) -> ApiResult<String> {
///     ok(caller.map_or_else(|| "nadie".to_owned(), |caller| caller.subject().to_owned()))
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let app: Router = Router::new().route("/quien", get(quien)).route("/yo", get(async |_: Caller| ok(())));
/// let status = async |path| app.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap().status();
/// assert_eq!(status("/quien").await, 200);
/// assert_eq!(status("/yo").await, 401);
/// # }
/// ```
#[derive(Clone)]
pub struct Caller(pub(super) Arc<Verified>);

/// One text, since there is one for each request: the subject, the scope, the token.
pub(super) struct Verified {
    text: Box<str>,
    subject: usize,
    scope: usize,
    pub(super) lifetime: Lifetime,
}

impl Verified {
    pub(super) fn token(&self) -> &str {
        self.text.get(self.scope..).unwrap_or_default()
    }
}

impl Caller {
    pub(super) fn new(subject: &str, scope: &str, token: &str, lifetime: Lifetime) -> Self {
        let text = [subject, scope, token].concat().into();
        Self(Arc::new(Verified { text, subject: subject.len(), scope: subject.len() + scope.len(), lifetime }))
    }

    /// The token's `sub`: 1 to 255 characters, no control characters among them.
    ///
    /// The issuer's name for whoever calls: a key to what is known of them, not a name to greet them by.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.0.text.get(..self.0.subject).unwrap_or_default()
    }

    /// Whether the token's `scope` (RFC 8693, section 4.2) names `scope`.
    ///
    /// Whole names are compared, letter by letter: `pagos:read` does not grant `pagos`. A token without a `scope` has none.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes().any(|granted| granted == scope)
    }

    /// The names in the token's `scope`.
    ///
    /// In the order of the token; a name that stands there twice comes twice.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        let scope = self.0.text.get(self.0.subject..self.0.scope).unwrap_or_default();
        scope.split(' ').filter(|scope| !scope.is_empty())
    }

    /// Claims of the issuer's own, read from the verified token into `T`; `None` where they are not of that form.
    ///
    /// ```
    /// use serde::Deserialize;
    /// use standards_axum::auth::Caller;
    /// use standards_axum::core::{ErrorStatus, Failure};
    /// use standards_axum::{ApiResult, ok};
    ///
    /// #[derive(Deserialize)]
    /// struct Empleado {
    ///     sucursal: u32,
    /// }
    ///
    /// async fn mi_sucursal(caller: Caller) -> ApiResult<u32> {
    ///     let empleado: Empleado = caller.claims().ok_or_else(|| Failure::http(ErrorStatus::FORBIDDEN))?;
    ///     ok(empleado.sucursal)
    /// }
    /// ```
    #[must_use]
    pub fn claims<T: DeserializeOwned>(&self) -> Option<T> {
        jsonwebtoken::dangerous::insecure_decode_claims(self.0.token()).ok()
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").finish_non_exhaustive()
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(parts.extensions.get::<Self>().cloned().ok_or(Refusal::Absent)?)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, ApiError> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}
