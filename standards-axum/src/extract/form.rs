//! The body that a browser's form sends.

use axum::extract::{FromRequest, Request};
use garde::Validate;
use serde::de::DeserializeOwned;
use standards_core::Failure;

use super::reason::Reason;
use super::{body, retry, urlencoded};
use crate::answer::ApiError;

/// A body of `application/x-www-form-urlencoded` that was parsed and found valid.
///
/// It is read as a [`Query`](super::Query) is: every bad field is named in one answer, a name given twice is refused unless its field is a
/// list, numbers and booleans are read by JSON's grammar, and names that `T` does not know are ignored. What HTML sends for a ticked
/// checkbox, `on`, is no boolean but a text.
///
/// It reads bodies only. axum's own reads the query of a `GET`: that is a [`Query`](super::Query) here.
///
/// ```
/// use axum::body::Body;
/// use axum::{Router, routing::post};
/// use garde::Validate;
/// use http::Request;
/// use http::header::CONTENT_TYPE;
/// use serde::Deserialize;
/// use standards_axum::extract::Form;
/// use standards_axum::{ApiResult, ok};
/// use tower::ServiceExt;
///
/// #[derive(Deserialize, Validate)]
/// struct Saludo {
///     #[garde(length(chars, min = 1, max = 40))]
///     nombre: String,
///     #[garde(range(max = 3))]
///     veces: u8,
/// }
///
/// async fn saludar(Form(saludo): Form<Saludo>) -> ApiResult<String> {
///     ok(format!("Hola, {}", saludo.nombre).repeat(saludo.veces.into()))
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let app: Router = Router::new().route("/saludos", post(saludar));
/// let send = |form: &'static str| {
///     let request = Request::post("/saludos").header(CONTENT_TYPE, "application/x-www-form-urlencoded");
///     app.clone().oneshot(request.body(Body::from(form)).unwrap())
/// };
/// assert_eq!(send("nombre=Ana+Rojas&veces=1").await.unwrap().status(), 200);
/// assert_eq!(send("nombre=&veces=mil").await.unwrap().status(), 422);
/// # });
/// ```
///
/// # Errors
///
/// 422 `VALIDATION_ERROR` with an item per bad field, or one about `body` where its bytes are no text or it has more than 1024 fields; 415
/// for another `Content-Type` or any `Content-Encoding`; 413 past the [`BodyLimitLayer`](crate::layers::BodyLimitLayer); 400 for a body
/// that breaks off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Form<T>(pub T);

impl<T, S> FromRequest<S> for Form<T>
where
    T: DeserializeOwned + Validate<Context = ()>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    fn from_request(request: Request, _: &S) -> impl Future<Output = Result<Self, ApiError>> + Send {
        let form = body::of_form(request);
        async { Ok(Self(parse(&body::read(form?).await?)?)) }
    }
}

const NAME: &str = "body";

fn parse<T: DeserializeOwned + Validate<Context = ()>>(form: &[u8]) -> Result<T, Failure> {
    match std::str::from_utf8(form) {
        Ok(text) => urlencoded::parse(NAME, text),
        Err(_) => Err(retry::refuse(NAME, &Reason::Encoding)),
    }
}
