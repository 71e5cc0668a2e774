//! The key under which a request is done once.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::HeaderName;
use http::request::Parts;
use standards_core::idempotency::{IdempotencyError, Key};

use crate::answer::ApiError;

/// The header as its specification spells it; the case of a header does not count.
#[cfg(feature = "openapi")]
pub(crate) const IDEMPOTENCY_KEY_NAME: &str = "Idempotency-Key";

/// The header that carries the key: `Idempotency-Key`.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The client's [`Key`] for a request that must be done once (`Idempotency-Key`).
///
/// Two headers are refused rather than guessed at, as is a list that a proxy made of them. `Debug` does not show the key.
///
/// As an argument it is required; as `Option<IdempotencyKey>` it may be missing, unless the routes carry [`RequireIdempotencyKey`].
///
/// ```
/// use axum::body::Body;
/// use axum::{Router, routing::post};
/// use http::Request;
/// use standards_axum::core::idempotency::{KeyScope, KeyedRequest};
/// use standards_axum::extract::{IDEMPOTENCY_KEY, IdempotencyKey};
/// use standards_axum::{ApiResult, ok};
/// use tower::ServiceExt;
///
/// async fn pagar(IdempotencyKey(key): IdempotencyKey) -> ApiResult<String> {
///     let request = KeyedRequest::new(KeyScope::new("ana", "POST /pagos", key), "12 100.50 CLP");
///     ok(request.fingerprint().to_owned())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let app: Router = Router::new().route("/pagos", post(pagar));
/// let keyed = Request::post("/pagos").header(IDEMPOTENCY_KEY, "0b7d2a").body(Body::empty()).unwrap();
/// assert_eq!(app.clone().oneshot(keyed).await.unwrap().status(), 200);
/// let bare = Request::post("/pagos").body(Body::empty()).unwrap();
/// assert_eq!(app.oneshot(bare).await.unwrap().status(), 400);
/// # }
/// ```
///
/// # Errors
///
/// 400 `IDEMPOTENCY_KEY_INVALIDA`, or 400 `IDEMPOTENCY_KEY_REQUERIDA` where there is none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(pub Key);

/// Makes every `Option<IdempotencyKey>` of these routes required; a request extension, set by a layer.
/// [`ApiRouter::require_idempotency_key`](crate::openapi::ApiRouter::require_idempotency_key) sets it and documents it.
///
/// ```
/// use axum::body::Body;
/// use axum::routing::post;
/// use axum::{Extension, Router};
/// use http::Request;
/// use standards_axum::extract::{IdempotencyKey, RequireIdempotencyKey};
/// use standards_axum::ok;
/// use tower::ServiceExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let routes: Router = Router::new().route("/pagos", post(async |_: Option<IdempotencyKey>| ok(())));
/// let bare = || Request::post("/pagos").body(Body::empty()).unwrap();
/// assert_eq!(routes.clone().oneshot(bare()).await.unwrap().status(), 200);
/// let strict = routes.layer(Extension(RequireIdempotencyKey));
/// assert_eq!(strict.oneshot(bare()).await.unwrap().status(), 400);
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RequireIdempotencyKey;

impl IdempotencyKey {
    fn of(parts: &Parts) -> Result<Option<Self>, IdempotencyError> {
        let mut values = parts.headers.get_all(IDEMPOTENCY_KEY).iter();
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            return Err(IdempotencyError::InvalidKey);
        }
        let text = value.to_str().map_err(|_| IdempotencyError::InvalidKey)?;
        text.parse().map(|key| Some(Self(key)))
    }
}

impl From<IdempotencyKey> for Key {
    fn from(key: IdempotencyKey) -> Self {
        key.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(Self::of(parts)?.ok_or(IdempotencyError::MissingKey)?)
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, ApiError> {
        let key = Self::of(parts)?;
        if key.is_none() && parts.extensions.get::<RequireIdempotencyKey>().is_some() {
            Err(IdempotencyError::MissingKey)?;
        }
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderValue, Request};

    async fn read(values: &[&[u8]], required: bool) -> Result<Option<String>, &'static str> {
        let mut request = Request::new(());
        for value in values {
            request.headers_mut().append(IDEMPOTENCY_KEY, HeaderValue::from_bytes(value).unwrap());
        }
        if required {
            request.extensions_mut().insert(RequireIdempotencyKey);
        }
        let mut parts = request.into_parts().0;
        let key = <IdempotencyKey as OptionalFromRequestParts<()>>::from_request_parts(&mut parts, &()).await;
        key.map(|key| key.map(|IdempotencyKey(key)| key.as_str().to_owned())).map_err(|error| error.failure().entry().code)
    }

    #[tokio::test]
    async fn one_header_with_a_key_is_read() {
        assert_eq!(read(&[b"\"abc\""], false).await, Ok(Some("abc".to_owned())));
        for values in [&[&b"a b"[..]][..], &[b"\xff"], &[b"a", b"a"]] {
            assert_eq!(read(values, false).await, Err("IDEMPOTENCY_KEY_INVALIDA"), "{values:?}");
        }
    }

    #[tokio::test]
    async fn it_may_be_missing_where_it_is_not_required() {
        assert_eq!(read(&[], false).await, Ok(None));
        assert_eq!(read(&[], true).await, Err("IDEMPOTENCY_KEY_REQUERIDA"));
        let mut parts = Request::new(()).into_parts().0;
        let missing = <IdempotencyKey as FromRequestParts<()>>::from_request_parts(&mut parts, &()).await;
        assert_eq!(missing.unwrap_err().failure().entry().code, "IDEMPOTENCY_KEY_REQUERIDA");
    }
}
