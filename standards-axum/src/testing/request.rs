//! A request until it is sent.

use std::net::{IpAddr, SocketAddr};
use std::panic::Location;
use std::pin::Pin;

use axum::body::Body;
use axum::extract::ConnectInfo;
use http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use serde::Serialize;
use standards_core::CorrelationId;
use tower::ServiceExt;

use super::answer::TestAnswer;
use super::app::{TestApp, header};
use super::asked::Asked;
use super::open::OpenAnswer;
use crate::extract::IDEMPOTENCY_KEY;
use crate::layers::X_CORRELATION_ID;

/// A request of a [`TestApp`]; `.await` sends it and reads its [`TestAnswer`].
///
/// ```
/// use axum::{Router, routing::post};
/// use garde::Validate;
/// use serde::Deserialize;
/// use serde_json::json;
/// use standards_axum::extract::Json;
/// use standards_axum::testing::TestApp;
/// use standards_axum::{ok, standardize};
///
/// #[derive(Deserialize, Validate)]
/// struct Nota {
///     #[garde(skip)]
///     texto: String,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let anotar = async |Json(nota): Json<Nota>| ok(nota.texto.len());
/// let app = TestApp::new(standardize(Router::new().route("/notas", post(anotar))));
/// app.post("/notas").json(&json!({"texto": "hola"})).await.assert_data(&json!(4));
/// app.post("/notas").json_text(r#"{"texto": "#).language("en").await.assert_invalid(&["body: malformed JSON"]);
/// # }
/// ```
#[must_use = "a request is sent by `.await`"]
#[derive(Debug)]
pub struct TestRequest {
    app: TestApp,
    request: Request<Body>,
    at: &'static Location<'static>,
}

impl TestRequest {
    pub(super) fn new(app: TestApp, request: Request<Body>, at: &'static Location<'static>) -> Self {
        Self { app, request, at }
    }

    /// Adds a header; one of the name that is there already stays, so a name may be sent twice.
    ///
    /// # Panics
    ///
    /// When name or value are no header's.
    #[track_caller]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let (name, value) = header(name, value);
        self.request.headers_mut().append(name, value);
        self
    }

    /// Adds the headers.
    ///
    /// # Panics
    ///
    /// As [`header`](Self::header) does.
    #[track_caller]
    pub fn headers(mut self, headers: &[(&str, &str)]) -> Self {
        for (name, value) in headers {
            self = self.header(name, value);
        }
        self
    }

    /// Sends `body` as JSON.
    ///
    /// # Panics
    ///
    /// When it is none.
    #[track_caller]
    pub fn json(self, body: &impl Serialize) -> Self {
        let text = serde_json::to_string(body).unwrap_or_else(|error| panic!("no JSON can be made of the body: {error}"));
        self.json_text(text)
    }

    /// Sends `body` as `application/json`, whatever it is.
    pub fn json_text(self, body: impl Into<Body>) -> Self {
        self.typed("application/json", body)
    }

    /// Sends fields as a form of a browser does (`application/x-www-form-urlencoded`).
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let encoded = |text| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC);
        let pairs: Vec<_> = fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        self.typed("application/x-www-form-urlencoded", pairs.join("&"))
    }

    fn typed(mut self, content_type: &'static str, body: impl Into<Body>) -> Self {
        self.request.headers_mut().entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(content_type));
        self.body(body)
    }

    /// Sends `body` without a word of what it is.
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        *self.request.body_mut() = body.into();
        self
    }

    /// Sends an `Idempotency-Key`.
    ///
    /// # Panics
    ///
    /// When the key is no header's value.
    #[track_caller]
    pub fn idempotency_key(self, key: &str) -> Self {
        self.with(&IDEMPOTENCY_KEY, key)
    }

    /// Asks for an answer in `language`: `es` or `en`, or whatever `Accept-Language` may hold.
    ///
    /// # Panics
    ///
    /// When it is no header's value.
    #[track_caller]
    pub fn language(self, language: &str) -> Self {
        self.with(&ACCEPT_LANGUAGE, language)
    }

    /// Sends a bearer token.
    ///
    /// # Panics
    ///
    /// When the token is no header's value.
    #[track_caller]
    pub fn bearer(self, token: &str) -> Self {
        self.with(&AUTHORIZATION, &format!("Bearer {token}"))
    }

    /// Sends this correlation id instead of a new one; the records are those of the id that the answer carries.
    ///
    /// # Panics
    ///
    /// When it is no header's value.
    #[track_caller]
    pub fn correlation_id(self, id: &str) -> Self {
        self.with(&X_CORRELATION_ID, id)
    }

    #[track_caller]
    fn with(self, name: &HeaderName, value: &str) -> Self {
        self.header(name.as_str(), value)
    }

    /// Comes from this address, as handlers and the rate limit are told it.
    pub fn from_address(self, address: impl Into<IpAddr>) -> Self {
        self.extension(ConnectInfo(SocketAddr::new(address.into(), 50_000)))
    }

    /// Adds an extension, as a layer of a server would.
    pub fn extension<T: Clone + Send + Sync + 'static>(mut self, value: T) -> Self {
        self.request.extensions_mut().insert(value);
        self
    }

    /// As a caller whose token says so, for a service that is configured with [`CALLER_KEYS`](super::CALLER_KEYS).
    ///
    /// `scope` is names separated by spaces; see [`TestApp::as_caller`].
    #[cfg(feature = "auth")]
    pub fn caller(self, subject: &str, scope: &str) -> Self {
        let token = self.app.callers.token(subject, scope);
        self.bearer(&token)
    }

    /// Sends the request and waits for the answer's head alone.
    ///
    /// # Panics
    ///
    /// When there is no answer in time, or it is told under another correlation id than it was asked under.
    pub async fn open(self) -> OpenAnswer {
        let Self { app, mut request, at } = self;
        let asked = Asked { method: request.method().clone(), uri: request.uri().clone(), at };
        let own = complete(request.headers_mut(), &app);
        let Ok(Ok(answer)) = tokio::time::timeout(app.patience, app.router.clone().oneshot(request)).await else {
            panic!("{asked} was not answered within {:?}", app.patience);
        };
        let answered = answer.headers().get(X_CORRELATION_ID).and_then(|id| CorrelationId::parse(id.to_str().ok()?));
        if let (Some(own), Some(answered)) = (&own, &answered) {
            assert!(own == answered, "{asked} was answered under another id: {answered}");
        }
        let id = answered.or(own).unwrap_or_else(CorrelationId::generate);
        OpenAnswer::new(asked, answer, &id, &app)
    }
}

/// Adds the headers that each request has, and a correlation id where there is none, which is returned then.
fn complete(headers: &mut HeaderMap, app: &TestApp) -> Option<CorrelationId> {
    for (name, value) in &app.headers {
        headers.entry(name).or_insert_with(|| value.clone());
    }
    if headers.contains_key(X_CORRELATION_ID) {
        return None;
    }
    let id = CorrelationId::generate();
    headers.insert(X_CORRELATION_ID, id.as_str().parse().expect("an id is a header's value"));
    Some(id)
}

impl IntoFuture for TestRequest {
    type Output = TestAnswer;
    type IntoFuture = Pin<Box<dyn Future<Output = TestAnswer> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async { self.open().await.read().await })
    }
}
