//! The parameters behind the question mark.

use axum::extract::FromRequestParts;
use garde::Validate;
use http::request::Parts;
use serde::de::DeserializeOwned;
use standards_core::Failure;

use super::read::{Parameters, percent};
use super::reason::Reason;
use super::retry;
use crate::answer::ApiError;

/// As many parameters a query may have.
const MAX_PARAMETERS: usize = 1024;

/// The query's parameters, parsed and found valid.
///
/// A parameter given twice is refused, unless its field is a list. An empty one is empty, not absent. Parameters that `T` does not
/// know are ignored.
///
/// ```
/// use garde::Validate;
/// use serde::Deserialize;
/// use standards_axum::extract::Query;
/// use standards_axum::{ApiResult, ok};
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
/// ```
///
/// # Errors
///
/// 422 `VALIDATION_ERROR` with an item per bad parameter, or one about `query` for more than 1024 of them.
///
/// # Limits
///
/// `#[serde(flatten)]` gives its fields text only; take two `Query` arguments instead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Query<T>(pub T);

impl<T, S> FromRequestParts<S> for Query<T>
where
    T: DeserializeOwned + Validate<Context = ()>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(Self(parse(parts.uri.query().unwrap_or_default())?))
    }
}

const NAME: &str = "query";

fn parse<T: DeserializeOwned + Validate<Context = ()>>(query: &str) -> Result<T, Failure> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    if pairs.clone().nth(MAX_PARAMETERS).is_some() {
        return Err(retry::refuse(NAME, &Reason::TooMany));
    }
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    // A name that is no text names no field of ours: ignored, like any unknown one.
    let pairs = pairs.filter_map(|(name, text)| Some((percent::decode(name)?, percent::decode(text))));
    retry::read(&Parameters::new(NAME, pairs))
}
