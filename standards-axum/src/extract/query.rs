//! The parameters behind the question mark.

use axum::extract::FromRequestParts;
use garde::Validate;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::urlencoded;
use crate::answer::ApiError;

/// The query's parameters, parsed and found valid.
///
/// A parameter given twice is refused, unless its field is a list. An empty one is empty, not absent. Parameters that `T` does not
/// know are ignored.
///
/// ```
/// use axum::body::Body;
/// use axum::{Router, routing::get};
/// use garde::Validate;
/// use http::Request;
/// use serde::Deserialize;
/// use standards_axum::extract::Query;
/// use standards_axum::{ApiResult, ok};
/// use tower::ServiceExt;
///
/// #[derive(Deserialize, Validate)]
/// struct Filtro {
///     #[garde(range(min = 1))]
///     cliente_id: Option<i64>,
///     #[serde(default = "cien")]
///     #[garde(range(min = 1, max = 1000))]
///     limit: u32,
/// }
///
/// fn cien() -> u32 {
///     100
/// }
///
/// async fn listar_pagos(Query(filtro): Query<Filtro>) -> ApiResult<u32> {
///     ok(filtro.limit)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let app: Router = Router::new().route("/pagos", get(listar_pagos));
/// let status = async |uri| app.clone().oneshot(Request::get(uri).body(Body::empty()).unwrap()).await.unwrap().status();
/// assert_eq!(status("/pagos").await, 200);
/// assert_eq!(status("/pagos?cliente_id=7&limit=10").await, 200);
/// assert_eq!(status("/pagos?limit=10&limit=20").await, 422);
/// assert_eq!(status("/pagos?limit=").await, 422);
/// # }
/// ```
///
/// # Errors
///
/// 422 `VALIDATION_ERROR` with an item per bad parameter, or one about `query` for more than 1024 of them.
///
/// # Limits
///
/// Those of [`Json`](super::Json#limits). A field of a flattened part is read as the type that it has, at the price of reading the query
/// once more for each that is no text; two `Query` arguments cost less.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Query<T>(pub T);

impl<T, S> FromRequestParts<S> for Query<T>
where
    T: DeserializeOwned + Validate<Context = ()>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(Self(urlencoded::parse("query", parts.uri.query().unwrap_or_default())?))
    }
}
