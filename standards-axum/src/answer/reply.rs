//! What a handler ends with, data or a failure, and the envelope that either becomes.

use std::fmt::Display;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;
use standards_core::idempotency::{IdempotencyError, Keyed};
use standards_core::{DomainError, Failure, Language, RequestContext, context};

use super::outcome::FailureMark;

/// Marks an answer that repeats the one of an earlier request with the same key: `Idempotent-Replayed: true`.
pub const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// What a handler returns: data for the envelope, or a failure that becomes one.
///
/// ```
/// use standards_axum::core::{ErrorStatus, Failure};
/// use standards_axum::{ApiResult, ok};
///
/// fn leer(linea: Option<&str>) -> ApiResult<u32> {
///     let linea = linea.ok_or_else(|| Failure::http(ErrorStatus::NOT_FOUND))?;
///     ok(linea.parse().map_err(Failure::internal)?)
/// }
///
/// assert_eq!(leer(Some("7")).unwrap().data(), &7);
/// assert_eq!(leer(None).unwrap_err().failure().status().as_u16(), 404);
/// assert_eq!(leer(Some("siete")).unwrap_err().failure().status().as_u16(), 500);
/// ```
///
/// The status of its success is part of the type: `ApiResult<Pago, 201>` is what a handler returns that makes something
/// ([`Reply::with_status`]).
pub type ApiResult<T, const STATUS: u16 = 200> = Result<Reply<T, STATUS>, ApiError>;

/// A success: status 200, or another one that the type names, and `data` in the envelope. A `()` is `"data": null`.
///
/// ```
/// use axum::body::to_bytes;
/// use axum::response::IntoResponse;
/// use standards_axum::Reply;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let answer = Reply::new(7).into_response();
/// assert_eq!((answer.status().as_u16(), &answer.headers()["content-type"]), (200, &"application/json".parse().unwrap()));
/// assert_eq!(to_bytes(answer.into_body(), 64).await.unwrap(), r#"{"success":true,"data":7,"errors":[]}"#);
/// # }
/// ```
///
/// Data that cannot be serialised is 500 `INTERNAL_ERROR`.
///
/// # Example: a header of one's own
///
/// ```
/// use axum::response::IntoResponse;
/// use http::HeaderValue;
/// use http::header::LOCATION;
/// use standards_axum::Reply;
///
/// let reply = Reply::new(7).with_header(LOCATION, HeaderValue::from_static("/pagos/7"));
/// assert_eq!(reply.into_response().headers()[LOCATION], "/pagos/7");
/// ```
///
/// # Example: something was made, and has a place
///
/// ```
/// use axum::response::IntoResponse;
/// use http::header::LOCATION;
/// use standards_axum::{ApiResult, Reply};
///
/// fn crear() -> ApiResult<i64, 201> {
///     Ok(Reply::new(7).with_status().with_location("pagos/7"))
/// }
///
/// let answer = crear().into_response();
/// assert_eq!((answer.status().as_u16(), &answer.headers()[LOCATION]), (201, &"pagos/7".parse().unwrap()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply<T, const STATUS: u16 = 200> {
    data: T,
    headers: OwnHeaders,
}

/// A failure on its way out of a handler, an extractor or a layer.
///
/// `?` makes one of any catalogue error and of every error type that converts into a [`Failure`]. The client reads the catalogue's
/// sentence, the log the cause.
///
/// ```
/// use standards_axum::{ApiResult, ok};
/// use standards_core::error_catalogue;
///
/// error_catalogue! {
///     pub enum SaludoError {
///         SinNombre => 400, "SIN_NOMBRE", "Falta el nombre";
///     }
/// }
///
/// fn saludar(nombre: Option<String>) -> ApiResult<String> {
///     let nombre = nombre.ok_or(SaludoError::SinNombre)?;
///     ok(format!("Hola, {nombre}"))
/// }
///
/// assert_eq!(saludar(None).unwrap_err().failure().entry().code, "SIN_NOMBRE");
/// ```
///
/// # Example: what the client reads, and what it does not
///
/// ```
/// use axum::body::to_bytes;
/// use axum::response::IntoResponse;
/// use standards_axum::ApiError;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let error = ApiError::from(std::io::Error::other("no such file: /etc/clave"));
/// assert_eq!(error.failure().cause_chain(), "no such file: /etc/clave");
/// let answer = error.into_response();
/// assert_eq!(answer.status(), 500);
/// assert_eq!(
///     to_bytes(answer.into_body(), 1024).await.unwrap(),
///     r#"{"success":false,"data":null,"errors":[{"code":"INTERNAL_ERROR","message":"Error interno del servidor"}]}"#
/// );
/// # }
/// ```
///
/// A 503 says `Retry-After: 1`, or what its failure says ([`with_retry_after`](Failure::with_retry_after)), and a 401 `WWW-Authenticate: Bearer`,
/// unless [`with_header`](Self::with_header) says otherwise.
#[derive(Debug)]
pub struct ApiError {
    failure: Failure,
    headers: OwnHeaders,
    language: Option<Language>,
}

// Most answers have none: a pointer is what they pay.
type OwnHeaders = Option<Box<HeaderMap>>;

/// Ends a handler well: status 200, and `data` in the envelope.
///
/// ```
/// use standards_axum::{ApiResult, ok};
///
/// async fn saludar() -> ApiResult<&'static str> {
///     ok("hola")
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// assert_eq!(saludar().await.unwrap().data(), &"hola");
/// # }
/// ```
///
/// An answer with a header of its own is an `Ok(Reply::new(data).with_header(..))`.
///
/// # Errors
///
/// Never; the `Result` is what a handler returns.
pub const fn ok<T>(data: T) -> ApiResult<T> {
    Ok(Reply::new(data))
}

impl<T> Reply<T> {
    /// An answer with this data.
    pub const fn new(data: T) -> Self {
        Self { data, headers: None }
    }
}

impl<T, const STATUS: u16> Reply<T, STATUS> {
    /// What the envelope will hold; a test of a handler asks for it.
    ///
    /// ```
    /// use standards_axum::Reply;
    ///
    /// assert_eq!(Reply::new("hola").data(), &"hola");
    /// ```
    pub const fn data(&self) -> &T {
        &self.data
    }

    /// Adds a header to the answer, in place of another of that name, also of the envelope's own (`Content-Type`, `Cache-Control`).
    ///
    /// ```
    /// use axum::response::IntoResponse;
    /// use http::HeaderValue;
    /// use http::header::CACHE_CONTROL;
    /// use standards_axum::Reply;
    ///
    /// let plain = Reply::new(7);
    /// let kept = plain.clone().with_header(CACHE_CONTROL, HeaderValue::from_static("max-age=60"));
    /// assert_eq!(plain.into_response().headers()[CACHE_CONTROL], "no-store");
    /// assert_eq!(kept.into_response().headers()[CACHE_CONTROL], "max-age=60");
    /// ```
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.get_or_insert_default().insert(name, value);
        self
    }

    /// The same answer with another status of success: 201 where something was made, 202 where it will be.
    ///
    /// The handler's return type names it, so the OpenAPI document tells what is answered and nothing else compiles.
    ///
    /// ```
    /// use standards_axum::{ApiResult, Reply};
    ///
    /// async fn encolar() -> ApiResult<&'static str, 202> {
    ///     Ok(Reply::new("PENDIENTE").with_status())
    /// }
    /// ```
    ///
    /// An answer without an envelope has a type of its own, [`NoContent`](crate::NoContent):
    ///
    /// ```compile_fail
    /// let _ = standards_axum::Reply::new(()).with_status::<204>();
    /// ```
    /// ```compile_fail
    /// let _ = standards_axum::Reply::new(()).with_status::<404>();
    /// ```
    ///
    /// 200 to 203 are the statuses whose body is the answer's own (RFC 9110, section 15.3): 204 and 205 have none, and a 206 is a part of
    /// another.
    #[must_use]
    pub fn with_status<const OTHER: u16>(self) -> Reply<T, OTHER> {
        const { assert!(has_envelope(OTHER), "a status of success with a body: 200 to 203") };
        Reply { data: self.data, headers: self.headers }
    }

    /// Says where what was made is, or where to ask for its outcome.
    ///
    /// The reference is resolved against the path of the request, as a browser resolves a link: of `POST {prefix}/pagos`, `pagos/7` is
    /// `{prefix}/pagos/7`, whatever stands before `/pagos`, also where a proxy has stripped it. One that begins with a slash starts at
    /// the host. What may not stand in a reference (RFC 3986) is percent-encoded.
    ///
    /// ```
    /// use axum::response::IntoResponse;
    /// use standards_axum::Reply;
    ///
    /// let answer = Reply::new(7).with_location(format_args!("cajas/{}", "Ñuñoa 1\r\nX: y")).into_response();
    /// assert_eq!(answer.headers()["location"], "cajas/%C3%91u%C3%B1oa%201%0D%0AX:%20y");
    /// ```
    ///
    /// `Location` (RFC 9110, section 10.2.2) goes with 201, where what was made is, and with 202, where its outcome will be.
    ///
    /// # Example: beneath a prefix that the handler does not know
    ///
    /// ```
    /// use axum::body::Body;
    /// use axum::{Router, routing::post};
    /// use http::Request;
    /// use standards_axum::{ApiResult, Reply};
    /// use tower::ServiceExt;
    ///
    /// async fn crear() -> ApiResult<i64, 201> {
    ///     Ok(Reply::new(7).with_status().with_location("pagos/7"))
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let app: Router = Router::new().nest("/api/v1", Router::new().route("/pagos", post(crear)));
    /// let answer = app.oneshot(Request::post("/api/v1/pagos").body(Body::empty()).unwrap()).await.unwrap();
    /// // From /api/v1/pagos a client goes to /api/v1/pagos/7.
    /// assert_eq!((answer.status().as_u16(), &answer.headers()["location"]), (201, &"pagos/7".parse().unwrap()));
    /// # }
    /// ```
    #[must_use]
    pub fn with_location(self, reference: impl Display) -> Self {
        let reference = reference.to_string();
        // Only characters of references are left.
        match HeaderValue::from_maybe_shared(Bytes::from(utf8_percent_encode(&reference, NOT_IN_REFERENCES).to_string())) {
            Ok(reference) => self.with_header(LOCATION, reference),
            Err(_) => self,
        }
    }
}

/// Whether an answer of this status is a success whose body is its own (RFC 9110, section 15.3).
const fn has_envelope(status: u16) -> bool {
    matches!(status, 200..=203)
}

/// What is neither reserved nor unreserved, nor the beginning of what is encoded already (RFC 3986, section 2).
const NOT_IN_REFERENCES: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`').add(b'{').add(b'|').add(b'}');

impl ApiError {
    /// Adds a header to the answer, such as `Retry-After` or `Allow`, in place of another of that name.
    ///
    /// ```
    /// use axum::response::IntoResponse;
    /// use http::HeaderValue;
    /// use http::header::RETRY_AFTER;
    /// use standards_axum::ApiError;
    /// use standards_axum::core::Failure;
    ///
    /// let busy = || ApiError::from(Failure::unavailable("the queue is full"));
    /// assert_eq!(busy().into_response().headers()[RETRY_AFTER], "1");
    /// let later = busy().with_header(RETRY_AFTER, HeaderValue::from_static("30"));
    /// assert_eq!(later.into_response().headers()[RETRY_AFTER], "30");
    /// ```
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.get_or_insert_default().insert(name, value);
        self
    }

    /// Tells the failure in this language, whatever the request asks for.
    ///
    /// ```
    /// use axum::body::to_bytes;
    /// use axum::response::IntoResponse;
    /// use standards_axum::ApiError;
    /// use standards_axum::core::{ErrorStatus, Failure, Language};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let error = ApiError::from(Failure::http(ErrorStatus::NOT_FOUND)).in_language(Language::En);
    /// let body = to_bytes(error.into_response().into_body(), 1024).await.unwrap();
    /// assert!(body.ends_with(br#""message":"Resource not found"}]}"#));
    /// # }
    /// ```
    #[must_use]
    pub fn in_language(mut self, language: Language) -> Self {
        self.language = Some(language);
        self
    }

    /// The failure itself: its row of the catalogue, its status, and the cause that only the log reads.
    #[must_use]
    pub const fn failure(&self) -> &Failure {
        &self.failure
    }

    /// Adds a value to the log record's `context`.
    pub(crate) fn with_context(mut self, name: &'static str, value: String) -> Self {
        self.failure = self.failure.with_context(name, value);
        self
    }

    /// What tells the log of an answer that is made already.
    pub(crate) fn into_mark(self) -> FailureMark {
        FailureMark(self.failure)
    }

    /// The answer: its head, and the envelope in the language of the request at hand unless another was chosen.
    pub(crate) fn into_answer(self) -> http::Response<Bytes> {
        self.into_answer_over(HeaderMap::new())
    }

    /// The same, with the headers of an answer in whose place it stands; its own replace those, and those the standard ones.
    pub(crate) fn into_answer_over(self, replaced: HeaderMap) -> http::Response<Bytes> {
        let Self { failure, headers, language } = self;
        let language = language.unwrap_or_else(language_of_the_request);
        // An envelope of strings always serialises.
        let body = serde_json::to_vec(&failure.body(language)).unwrap_or_default();
        let status = StatusCode::from_u16(failure.status().as_u16()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = envelope(status, body, standard_header(&failure), replaced, headers);
        response.extensions_mut().insert(FailureMark(failure));
        response
    }
}

impl<E: Into<Failure>> From<E> for ApiError {
    #[track_caller]
    fn from(error: E) -> Self {
        Self { failure: Failure::convert(error), headers: None, language: None }
    }
}

impl<T: Serialize, const STATUS: u16> IntoResponse for Reply<T, STATUS> {
    fn into_response(self) -> Response {
        match success(&self.data) {
            Ok(body) => envelope(const { status_of(STATUS) }, body, None, HeaderMap::new(), self.headers).map(Into::into),
            Err(error) => ApiError::from(Failure::internal(error)).into_response(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.into_answer().map(Into::into)
    }
}

/// The envelope around `data`, as [`ApiResponse::success`](standards_core::ApiResponse::success) is written: what is the same in each is copied, and not serialised.
fn success<T: Serialize>(data: &T) -> serde_json::Result<Vec<u8>> {
    let mut body = Vec::with_capacity(128);
    body.extend_from_slice(br#"{"success":true,"data":"#);
    serde_json::to_writer(&mut body, data)?;
    body.extend_from_slice(br#","errors":[]}"#);
    Ok(body)
}

/// Ends a handler with what became of a request that may have been done before.
///
/// ```
/// use axum::response::IntoResponse;
/// use standards_axum::core::Language;
/// use standards_axum::core::idempotency::{IdempotencyError, Keyed};
/// use standards_axum::{ApiResult, IDEMPOTENT_REPLAYED, IntoReply};
///
/// fn saludar() -> ApiResult<&'static str> {
///     let before: Keyed<Result<_, IdempotencyError>> = Keyed::Replayed(Ok("Hola, Eva"), Language::Es);
///     before.into_reply()
/// }
///
/// assert_eq!(saludar().into_response().headers()[IDEMPOTENT_REPLAYED], "true");
/// ```
pub trait IntoReply<T> {
    /// The answer of a handler; that of a replay says so in [`IDEMPOTENT_REPLAYED`], and is told in the language of the first one.
    ///
    /// # Errors
    ///
    /// The failure, where it is one; 422 `IDEMPOTENCY_KEY_REUTILIZADA` where the key belongs to another request.
    fn into_reply(self) -> ApiResult<T>;
}

impl<T, E: Into<Failure>> IntoReply<T> for Keyed<Result<T, E>> {
    #[track_caller]
    fn into_reply(self) -> ApiResult<T> {
        let (language, result) = (self.language(), self.into_result());
        let Some(language) = language else { return Ok(Reply::new(result?)) };
        let replayed = HeaderValue::from_static("true");
        match result {
            Ok(data) => Ok(Reply::new(data).with_header(IDEMPOTENT_REPLAYED, replayed)),
            Err(failure) => Err(ApiError::from(failure).in_language(language).with_header(IDEMPOTENT_REPLAYED, replayed)),
        }
    }
}

/// A status that the type names.
#[expect(clippy::panic, reason = "a constant that is no status of success must not compile")]
const fn status_of(status: u16) -> StatusCode {
    match StatusCode::from_u16(status) {
        Ok(known) if has_envelope(status) => known,
        _ => panic!("a status of success with a body: 200 to 203"),
    }
}

/// The media type of every envelope.
pub(crate) const JSON: &str = "application/json";

// As many headers as an answer has once all layers have seen it: the map need not grow.
const HEADERS: usize = 6;

/// What every envelope says of itself: it is JSON, and it speaks of this moment only.
fn envelope(
    status: StatusCode,
    body: Vec<u8>,
    standard: Option<(HeaderName, HeaderValue)>,
    replaced: HeaderMap,
    own: OwnHeaders,
) -> http::Response<Bytes> {
    let mut response = http::Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let mut headers = HeaderMap::with_capacity(HEADERS);
    headers.insert(CONTENT_TYPE, const { HeaderValue::from_static(JSON) });
    headers.insert(CACHE_CONTROL, const { HeaderValue::from_static("no-store") });
    if let Some((name, value)) = standard {
        headers.insert(name, value);
    }
    // Most answers have none of either, and an empty map is slow to go through.
    if !replaced.is_empty() {
        headers.extend(replaced);
    }
    if let Some(own) = own {
        headers.extend(*own);
    }
    *response.headers_mut() = headers;
    response
}

fn language_of_the_request() -> Language {
    context::with_current(|request| request.map_or(Language::Es, RequestContext::language))
}

/// The header without which the status says less than it must (RFC 9110, sections 11.6.1 and 15.6.4).
fn standard_header(failure: &Failure) -> Option<(HeaderName, HeaderValue)> {
    if let Some(wait) = failure.retry_after() {
        return Some((RETRY_AFTER, whole_seconds(wait).into()));
    }
    match failure.status().as_u16() {
        503 => Some((RETRY_AFTER, HeaderValue::from_static("1"))),
        // Any other conflict stays one, however long the client waits.
        409 if failure.entry().code == IdempotencyError::InProgress.entry().code => {
            Some((RETRY_AFTER, HeaderValue::from_static("1")))
        }
        401 => Some((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
        _ => None,
    }
}

/// Not less than `wait`: whoever comes too early comes in vain.
const fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add((wait.subsec_nanos() > 0) as u64)
}
