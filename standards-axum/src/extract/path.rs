//! The values of a route's parameters.

use axum::extract::FromRequestParts;
use http::request::Parts;
use standards_core::Failure;

use super::path_params::{NAME, raw_parameters};
use super::path_value::PathValues;
use crate::answer::ApiError;

/// The values of the route's parameters: one, or a tuple of several in the order in which the route names them.
///
/// A bad one is told by its name in the route. Numbers and booleans are read by JSON's grammar, so `/pagos/+1`, `/pagos/01` and `/pagos/１`
/// name no pago. Rules beyond the type belong to the type ([`FixedDecimal`](standards_core::FixedDecimal), an id that is never zero), or to
/// a struct with garde's rules, which [`PathParams`](super::PathParams) reads.
///
/// ```
/// use axum::body::{Body, to_bytes};
/// use axum::{Router, routing::get};
/// use http::Request;
/// use standards_axum::extract::Path;
/// use standards_axum::ok;
/// use tower::ServiceExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let app: Router = Router::new()
///     .route("/pagos/{id}", get(async |Path(id): Path<i64>| ok(id)))
///     .route("/bodegas/{bodega}/productos/{sku}", get(async |Path((bodega, sku)): Path<(u16, String)>| ok((bodega, sku))));
///
/// let get = async |path| app.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
/// assert_eq!(get("/pagos/7").await.status(), 200);
/// assert_eq!(get("/bodegas/3/productos/A-1").await.status(), 200);
/// let body = to_bytes(get("/bodegas/x/productos/A-1").await.into_body(), 1024).await.unwrap();
/// assert!(String::from_utf8_lossy(&body).contains("bodega: debe ser un número entero"));
/// # }
/// ```
///
/// # Errors
///
/// 422 `VALIDATION_ERROR` with an item per bad parameter, broken percent-encoding included; 500 `INTERNAL_ERROR` when the route
/// has not as many parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Path<T>(pub T);

impl<T, S> FromRequestParts<S> for Path<T>
where
    T: PathValues,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let raw = raw_parameters(parts, state).await?;
        let pairs: Vec<_> = raw.iter().collect();
        if pairs.len() != T::COUNT {
            let mismatch = format!("Path of {} values in a route with {} parameters", T::COUNT, pairs.len());
            return Err(Failure::internal(mismatch).into());
        }
        match T::from_parameters(&pairs) {
            Ok(values) => Ok(Self(values)),
            Err(errors) if errors.is_empty() => Err(Failure::internal(NAME).into()),
            Err(errors) => Err(Failure::validation(errors).into()),
        }
    }
}
