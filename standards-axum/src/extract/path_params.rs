//! The parameters of a route as a struct.

use std::borrow::Cow;

use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{FromRequestParts, RawPathParams};
use garde::Validate;
use http::request::Parts;
use serde::de::DeserializeOwned;
use standards_core::Failure;

use super::read::{Parameters, percent};
use super::reason::Reason;
use super::retry;
use crate::answer::ApiError;

/// The route's parameters, parsed and found valid: a struct whose fields are named like them, or, of a route with one parameter,
/// its single value.
///
/// It is [`Path`](super::Path) for what garde's rules are about. Two extractors, since Rust has no way to say "a type with rules, or else a
/// number": garde may give numbers rules one day, so one impl for both would overlap.
///
/// ```
/// use axum::body::Body;
/// use axum::{Router, routing::get};
/// use garde::Validate;
/// use http::Request;
/// use serde::Deserialize;
/// use standards_axum::extract::PathParams;
/// use standards_axum::{ApiResult, ok};
/// use tower::ServiceExt;
///
/// #[derive(Deserialize, Validate)]
/// struct PagoPath {
///     #[garde(range(min = 1))]
///     id: i64,
/// }
///
/// async fn obtener_pago(PathParams(PagoPath { id }): PathParams<PagoPath>) -> ApiResult<i64> {
///     ok(id)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let app: Router = Router::new().route("/pagos/{id}", get(obtener_pago));
/// let status = async |path| app.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap().status();
/// assert_eq!(status("/pagos/7").await, 200);
/// assert_eq!(status("/pagos/07").await, 422);
/// # }
/// ```
///
/// # Example: a single value
///
/// ```
/// use axum::{Router, routing::get};
/// use garde::Validate;
/// use serde::Deserialize;
/// use standards_axum::extract::PathParams;
/// use standards_axum::{ApiResult, ok};
///
/// #[derive(Deserialize, Validate)]
/// struct PagoId(#[garde(range(min = 1))] i64);
///
/// async fn obtener_pago(PathParams(PagoId(id)): PathParams<PagoId>) -> ApiResult<i64> {
///     ok(id)
/// }
///
/// let app: Router = Router::new().route("/pagos/{id}", get(obtener_pago));
/// ```
///
/// # Errors
///
/// 422 `VALIDATION_ERROR` with an item per bad parameter, broken percent-encoding included; 500 `INTERNAL_ERROR` when the route
/// has no parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PathParams<T>(pub T);

impl<T, S> FromRequestParts<S> for PathParams<T>
where
    T: DeserializeOwned + Validate<Context = ()>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let raw = raw_parameters(parts, state).await?;
        let pairs = raw.iter().map(|(name, text)| (Cow::Borrowed(name), Some(Cow::Borrowed(text))));
        let parameters = Parameters::new(NAME, pairs);
        if parameters.is_empty() {
            return Err(Failure::internal("PathParams<T> in a route without parameters").into());
        }
        Ok(Self(retry::read(&parameters)?))
    }
}

pub(super) const NAME: &str = "path";

/// The parameters' names and texts, none of which is broken.
pub(super) async fn raw_parameters<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<RawPathParams, Failure> {
    let raw = RawPathParams::from_request_parts(parts, state).await.map_err(undecodable)?;
    // axum leaves a broken escape as it stands, and does not say where it was.
    if percent::is_well_formed(parts.uri.path()) {
        return Ok(raw);
    }
    let mut names = raw.iter().map(|(name, _)| name);
    let only = names.next().filter(|_| names.next().is_none());
    Err(retry::refuse(only.unwrap_or(NAME), &Reason::Encoding))
}

fn undecodable(rejection: RawPathParamsRejection) -> Failure {
    match rejection {
        RawPathParamsRejection::InvalidUtf8InPathParam(error) => {
            // axum tells the parameter's name nowhere else: "Invalid UTF-8 in `id`".
            let text = error.body_text();
            retry::refuse(text.split('`').nth(1).unwrap_or(NAME), &Reason::Encoding)
        }
        missing => Failure::internal(missing.to_string()),
    }
}
