//! The body of a request.

use axum::extract::{FromRequest, OptionalFromRequest, Request};
use garde::Validate;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use standards_core::Failure;

use super::read::{Document, Place, Plan, Refusal, Value, read_directly};
use super::reason::Reason;
use super::{body, retry};
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
///
/// let saludo = Json::<Saludo>::from_bytes(br#"{"nombre":"Ana","otro":[1]}"#).unwrap();
/// assert_eq!(saludo.nombre, "Ana");
/// ```
///
/// # Errors
///
/// 422 `VALIDATION_ERROR` with an item per bad field, or one about `body` where it is not JSON; 415 for another `Content-Type` or
/// any `Content-Encoding`; 413 past the [`BodyLimitLayer`](crate::layers::BodyLimitLayer); 400 for a body that breaks off.
///
/// # Example: a body that may be absent
///
/// As axum has it, `Option<Json<T>>` is `None` for a request without a `Content-Type`; a body of another type, or a bad one, is refused.
///
/// ```
/// use axum::body::Body;
/// use axum::{Router, routing::post};
/// use garde::Validate;
/// use http::Request;
/// use serde::Deserialize;
/// use standards_axum::extract::Json;
/// use standards_axum::{ApiResult, ok};
/// use tower::ServiceExt;
///
/// #[derive(Deserialize, Validate)]
/// struct Motivo {
///     #[garde(length(chars, max = 80))]
///     texto: String,
/// }
///
/// async fn anular(motivo: Option<Json<Motivo>>) -> ApiResult<String> {
///     ok(motivo.map_or("sin motivo".to_owned(), |Json(motivo)| motivo.texto))
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let app: Router = Router::new().route("/anulaciones", post(anular));
/// let bare = Request::post("/anulaciones").body(Body::empty()).unwrap();
/// assert_eq!(app.clone().oneshot(bare).await.unwrap().status(), 200);
/// let bad = Request::post("/anulaciones").header("content-type", "application/json").body(Body::from("{}")).unwrap();
/// assert_eq!(app.oneshot(bad).await.unwrap().status(), 422);
/// # }
/// ```
///
/// # Limits
///
/// serde reads what is behind `#[serde(flatten)]` or a tag before it knows what it is, and does not say which value it refuses. It is
/// found by trying, and told like any other, but for these:
///
/// - an `#[serde(untagged)]` part is blamed as a whole, at its own place;
/// - of an `Option` of a flattened part serde makes `None` where anything in it is bad;
/// - several values in such parts that their types refuse in words of their own, each by another grammar, are blamed on the object.
///
/// A required field of a type that no plausible text satisfies ends the search: missing fields declared after it and garde's rules wait
/// for the next attempt. At most 64 fields are reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T, S> FromRequest<S> for Json<T>
where
    T: DeserializeOwned + Validate<Context = ()>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    fn from_request(request: Request, _: &S) -> impl Future<Output = Result<Self, ApiError>> + Send {
        let body = body::of_json(request);
        async { Ok(Self(parse(&body::read(body?).await?)?)) }
    }
}

impl<T, S> OptionalFromRequest<S> for Json<T>
where
    T: DeserializeOwned + Validate<Context = ()>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, ApiError> {
        if body::has_type(request.headers()) {
            <Self as FromRequest<S>>::from_request(request, state).await.map(Some)
        } else {
            Ok(None)
        }
    }
}

impl<T: DeserializeOwned + Validate<Context = ()>> Json<T> {
    /// Reads a body that has arrived already, as the extractor would.
    ///
    /// For a handler that needs the bytes as they came too: to check a signature over them, say.
    ///
    /// ```
    /// use garde::Validate;
    /// use serde::Deserialize;
    /// use standards_axum::core::Language;
    /// use standards_axum::extract::Json;
    ///
    /// #[derive(Debug, Deserialize, Validate)]
    /// struct Saludo {
    ///     #[garde(length(chars, min = 1))]
    ///     nombre: String,
    /// }
    ///
    /// let Json(saludo) = Json::<Saludo>::from_bytes(br#"{"nombre":"Ana"}"#).unwrap();
    /// assert_eq!(saludo.nombre, "Ana");
    ///
    /// let refused = Json::<Saludo>::from_bytes(br#"{"nombre":""}"#).unwrap_err();
    /// let body = refused.failure().body(Language::En);
    /// assert_eq!(body.errors()[0].message, "nombre: must have a length of at least 1");
    /// ```
    ///
    /// # Errors
    ///
    /// 422 `VALIDATION_ERROR` with an item per bad field, or one about `body` where it is not JSON.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ApiError> {
        Ok(Self(parse(bytes)?))
    }
}

pub(super) fn parse<T: DeserializeOwned + Validate<Context = ()>>(body: &[u8]) -> Result<T, Failure> {
    let text = std::str::from_utf8(body).ok();
    match text.and_then(read_directly) {
        Some(value) if retry::is_valid(&value) => Ok(value),
        _ => explain(text),
    }
}

/// Reads a body whose syntax is checked first, for all that is wrong with it.
fn explain<T: DeserializeOwned + Validate<Context = ()>>(text: Option<&str>) -> Result<T, Failure> {
    match text.and_then(|text| serde_json::from_str(text).ok()) {
        Some(raw) => retry::read(&Body(raw)),
        None => Err(retry::refuse(NAME, &Reason::Malformed)),
    }
}

const NAME: &str = "body";

/// A body whose syntax has been checked to its end.
pub(super) struct Body<'a>(pub(super) &'a RawValue);

impl Document for Body<'_> {
    const OF_TEXTS: bool = false;

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
