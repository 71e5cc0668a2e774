//! A service that is sent requests without a port.

use std::panic::Location;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use standards_core::log::LogFormat;
use standards_core::log::capture::{self, Capture};

use super::answer::TestAnswer;
use super::request::TestRequest;
use super::server::TestServer;
use crate::Service;

/// The most of an answer that is read, unless the test says otherwise: a megabyte.
const BODY_LIMIT: usize = 1 << 20;

/// How long an answer is waited for, unless the test says otherwise.
const PATIENCE: Duration = Duration::from_secs(300);

/// A [`Service`] or any [`Router`], with everything that stands around it, in a test.
///
/// Requests go in where those of a connection would: layers, routes and handlers are those of production. What is missing is the connection:
/// the server's own limits, TLS, and the peer's address unless a request [says one](TestRequest::from_address). Clones are the same service.
///
/// ```
/// use axum::{Router, routing::get};
/// use serde_json::json;
/// use standards_axum::testing::TestApp;
/// use standards_axum::{ok, standardize};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let app = TestApp::new(standardize(Router::new().route("/saludos", get(async || ok("hola")))));
/// app.get("/saludos").await.assert_data(&json!("hola"));
/// app.get("/nada").await.assert_failure(404, "HTTP_ERROR", "Recurso no encontrado");
/// # }
/// ```
///
/// A router outside the standard has neither correlation ids nor access records; its answers can be looked at all the same.
///
/// The log of the test process is that of the first `TestApp`: its artifact and version are those of that service, and everything down to
/// `DEBUG` is captured.
#[derive(Clone, Debug)]
pub struct TestApp {
    pub(super) router: Router,
    pub(super) headers: HeaderMap,
    pub(super) body_limit: usize,
    pub(super) patience: Duration,
    #[cfg(feature = "auth")]
    pub(super) callers: super::callers::Callers,
}

impl From<Router> for TestApp {
    #[track_caller]
    fn from(router: Router) -> Self {
        // Has the log installed, unless it is already, before there is anything to log.
        drop(Capture::of_process());
        Self {
            router,
            headers: HeaderMap::new(),
            body_limit: BODY_LIMIT,
            patience: PATIENCE,
            #[cfg(feature = "auth")]
            callers: super::callers::Callers::default(),
        }
    }
}

impl From<Service> for TestApp {
    #[track_caller]
    fn from(service: Service) -> Self {
        let options = service.log_options().with_filters("debug".parse().unwrap_or_default());
        capture::install(&options.with_format(LogFormat::Json));
        service.into_router().into()
    }
}

impl TestApp {
    /// A [`Service`] or a [`Router`], to be sent requests.
    ///
    /// # Panics
    ///
    /// As [`Service::into_router`] does, and when the process has a `tracing` subscriber that is not the test kit's.
    #[track_caller]
    pub fn new(app: impl Into<Self>) -> Self {
        app.into()
    }

    /// Sends this header with each request that has none of the name.
    ///
    /// ```
    /// use axum::Router;
    /// use standards_axum::standardize;
    /// use standards_axum::testing::TestApp;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let app = TestApp::new(standardize(Router::new())).with_header("accept-language", "en");
    /// app.get("/nada").await.assert_failure(404, "HTTP_ERROR", "Resource not found");
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// When name or value are no header's.
    #[track_caller]
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        let (name, value) = header(name, value);
        self.headers.insert(name, value);
        self
    }

    /// Reads so many bytes of an answer at most; a longer one fails its test.
    #[must_use]
    pub const fn with_body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Waits so long for an answer, by Tokio's clock; one that takes longer fails its test.
    #[must_use]
    pub const fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// A `GET` of this path and query.
    #[track_caller]
    pub fn get(&self, uri: &str) -> TestRequest {
        self.request(Method::GET, uri)
    }

    /// A `POST`.
    #[track_caller]
    pub fn post(&self, uri: &str) -> TestRequest {
        self.request(Method::POST, uri)
    }

    /// A `PUT`.
    #[track_caller]
    pub fn put(&self, uri: &str) -> TestRequest {
        self.request(Method::PUT, uri)
    }

    /// A `PATCH`.
    #[track_caller]
    pub fn patch(&self, uri: &str) -> TestRequest {
        self.request(Method::PATCH, uri)
    }

    /// A `DELETE`.
    #[track_caller]
    pub fn delete(&self, uri: &str) -> TestRequest {
        self.request(Method::DELETE, uri)
    }

    /// A request with this verb.
    ///
    /// # Panics
    ///
    /// When `uri` is none.
    #[track_caller]
    pub fn request(&self, method: Method, uri: &str) -> TestRequest {
        let request = Request::builder().method(method).uri(uri).body(Body::empty());
        self.of(request.unwrap_or_else(|error| panic!("no request can be made for {uri:?}: {error}")))
    }

    /// A request that was made elsewhere.
    ///
    /// ```
    /// use axum::body::Body;
    /// use axum::{Router, routing::get};
    /// use http::Request;
    /// use standards_axum::testing::TestApp;
    /// use standards_axum::{ok, standardize};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let app = TestApp::new(standardize(Router::new().route("/", get(async || ok(())))));
    /// assert_eq!(app.send(Request::new(Body::empty())).await.status(), 200);
    /// # }
    /// ```
    #[track_caller]
    pub fn send(&self, request: Request<Body>) -> impl Future<Output = TestAnswer> + Send + use<> {
        IntoFuture::into_future(self.of(request))
    }

    #[track_caller]
    fn of(&self, request: Request<Body>) -> TestRequest {
        TestRequest::new(self.clone(), request, Location::caller())
    }

    /// What stands behind the requests, for whoever sends them otherwise.
    pub fn into_router(self) -> Router {
        self.router
    }

    /// The same service on a port of its own.
    pub async fn listen(&self) -> TestServer {
        TestServer::start(self.router.clone()).await
    }
}

/// A header of a test's own.
#[track_caller]
pub(super) fn header(name: &str, value: &str) -> (HeaderName, HeaderValue) {
    let parsed = name.parse().ok().zip(value.parse().ok());
    parsed.unwrap_or_else(|| panic!("no header can be made of {name:?}: {value:?}"))
}
