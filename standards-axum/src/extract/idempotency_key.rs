//! The key under which a request is done once.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use http::{HeaderName, HeaderValue};

use crate::error::ApiError;
use crate::idempotency::IdempotencyError;

/// The header that carries the key.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

const MAX_LENGTH: usize = 255;

/// The client's key for a request that must be done once (`Idempotency-Key`).
///
/// 1 to 255 visible ASCII characters without comma: two headers, or a list that a proxy made of them, are refused rather than guessed
/// at. Surrounding quotes are dropped (`"abc"` is `abc`); case counts. Neither `Debug` nor anything else shows it.
///
/// As an argument it is required; as `Option<IdempotencyKey>` it may be missing, unless the routes carry [`RequireIdempotencyKey`].
///
/// ```
/// use standards_axum::extract::IdempotencyKey;
/// use standards_axum::{ApiResult, ok};
///
/// async fn pagar(key: Option<IdempotencyKey>) -> ApiResult<bool> {
///     ok(key.is_some())
/// }
///
/// assert_eq!("\"abc\"".parse::<IdempotencyKey>(), "abc".parse());
/// assert!("a b".parse::<IdempotencyKey>().is_err());
/// ```
///
/// # Errors
///
/// 400 `IDEMPOTENCY_KEY_INVALIDA`, or 400 `IDEMPOTENCY_KEY_REQUERIDA` where there is none.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(Arc<str>);

/// Makes every `Option<IdempotencyKey>` of these routes required; a request extension, set by a layer.
/// [`ApiRouter::require_idempotency_key`](crate::openapi::ApiRouter::require_idempotency_key) sets it and documents it.
///
/// ```
/// use axum::{Extension, Router};
/// use standards_axum::extract::RequireIdempotencyKey;
///
/// let app: Router = Router::new().layer(Extension(RequireIdempotencyKey));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RequireIdempotencyKey;

impl IdempotencyKey {
    /// The key, without quotes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn of(parts: &Parts) -> Result<Option<Self>, IdempotencyError> {
        let mut values = parts.headers.get_all(IDEMPOTENCY_KEY).iter();
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            return Err(IdempotencyError::InvalidKey);
        }
        parse(value).map(Some)
    }
}

fn parse(value: &HeaderValue) -> Result<IdempotencyKey, IdempotencyError> {
    value.to_str().map_err(|_| IdempotencyError::InvalidKey)?.parse()
}

impl FromStr for IdempotencyKey {
    type Err = IdempotencyError;

    fn from_str(text: &str) -> Result<Self, IdempotencyError> {
        let bare = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        let allowed = |byte: u8| byte.is_ascii_graphic() && byte != b',';
        if (1..=MAX_LENGTH).contains(&bare.len()) && bare.bytes().all(allowed) {
            return Ok(Self(bare.into()));
        }
        Err(IdempotencyError::InvalidKey)
    }
}

impl fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdempotencyKey(..)")
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
    use http::Request;

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
        key.map(|key| key.map(|key| key.as_str().to_owned())).map_err(|error| error.failure().entry().code)
    }

    #[tokio::test]
    async fn a_key_is_read_with_or_without_quotes() {
        for (value, key) in [("abc", "abc"), ("\"abc\"", "abc"), ("Abc", "Abc"), ("!~{}'\"", "!~{}'\""), ("\"", "\"")] {
            assert_eq!(read(&[value.as_bytes()], false).await, Ok(Some(key.to_owned())), "{value}");
        }
        assert!(read(&["a".repeat(255).as_bytes()], false).await.is_ok());
        assert!(read(&[format!("\"{}\"", "a".repeat(255)).as_bytes()], false).await.is_ok());
    }

    #[tokio::test]
    async fn anything_else_is_refused() {
        let long = "a".repeat(256);
        let values: [&[u8]; 9] =
            [b"", b"\"\"", b"a b", b"a\tb", b"a,b", b"\"a\",\"b\"", "é".as_bytes(), b"\xff", long.as_bytes()];
        for value in values {
            assert_eq!(read(&[value], false).await, Err("IDEMPOTENCY_KEY_INVALIDA"), "{value:?}");
        }
        assert_eq!(read(&[b"a", b"a"], false).await, Err("IDEMPOTENCY_KEY_INVALIDA"));
    }

    #[tokio::test]
    async fn it_may_be_missing_where_it_is_not_required() {
        assert_eq!(read(&[], false).await, Ok(None));
        assert_eq!(read(&[], true).await, Err("IDEMPOTENCY_KEY_REQUERIDA"));
        let mut parts = Request::new(()).into_parts().0;
        let missing = <IdempotencyKey as FromRequestParts<()>>::from_request_parts(&mut parts, &()).await;
        assert_eq!(missing.unwrap_err().failure().entry().code, "IDEMPOTENCY_KEY_REQUERIDA");
    }

    #[test]
    fn it_is_never_shown() {
        assert_eq!(format!("{:?}", "secreta".parse::<IdempotencyKey>().unwrap()), "IdempotencyKey(..)");
    }
}
