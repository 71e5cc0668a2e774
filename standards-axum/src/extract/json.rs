//! The body of a request.

use axum::extract::{FromRequest, Request};
use garde::Validate;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use standards_core::Failure;

use super::body::read_json;
use super::read::{Document, Place, Plan, Refusal, Value};
use super::reason::Reason;
use super::retry;
use crate::answer::ApiError;

/// A JSON body that was parsed and found valid.
///
/// Every bad field is named in one answer: those of the wrong type, missing or repeated ones, and those that break one of garde's
/// rules. Fields that `T` does not know are ignored. A type that needs a number's exact text reads it through
/// [`RawValue`].
///
/// ```
/// use garde::Validate;
/// use serde::Deserialize;
/// use standards_axum::extract::Json;
/// use standards_axum::{ApiResult, ok};
///
/// #[derive(Deserialize, Validate)]
/// struct Saludo {
///     #[garde(length(chars, min = 1, max = 40))]
///     nombre: String,
/// }
///
/// async fn saludar(Json(saludo): Json<Saludo>) -> ApiResult<String> {
///     ok(format!("Hola, {}", saludo.nombre))
/// }
/// ```
///
/// # Errors
///
/// 422 `VALIDATION_ERROR` with an item per bad field, or one about `body` where it is not JSON; 415 for another `Content-Type` or
/// any `Content-Encoding`; 413 past the [`BodyLimitLayer`](crate::layers::BodyLimitLayer); 400 for a body that breaks off.
///
/// # Limits
///
/// serde reads `#[serde(flatten)]`, internally tagged and untagged parts without saying where it stands: they are blamed as a
/// whole. A required field of a type that no plausible text satisfies ends the search: missing fields declared after it and
/// garde's rules wait for the next attempt. At most 64 fields are reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T, S> FromRequest<S> for Json<T>
where
    T: DeserializeOwned + Validate<Context = ()>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let body = read_json(request).await?;
        Ok(Self(parse(&body)?))
    }
}

pub(super) fn parse<T: DeserializeOwned + Validate<Context = ()>>(body: &[u8]) -> Result<T, Failure> {
    let raw = std::str::from_utf8(body).ok().and_then(|text| serde_json::from_str(text).ok());
    let Some(raw) = raw else { return Err(retry::refuse(NAME, &Reason::Malformed)) };
    retry::read(&Body(raw))
}

const NAME: &str = "body";

/// A body whose syntax has been checked to its end.
struct Body<'a>(&'a RawValue);

impl Document for Body<'_> {
    fn name(&self) -> &str {
        NAME
    }

    fn read<T: DeserializeOwned>(&self, plan: Option<&Plan>) -> Result<T, Refusal> {
        T::deserialize(Value::new(self.0, Place::root(plan)))
    }
}

/// Reads a body by the same deserialiser, without its rules.
#[cfg(test)]
pub(super) fn parse_unvalidated<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    let raw: &RawValue = serde_json::from_slice(body).ok()?;
    Body(raw).read(None).ok()
}
