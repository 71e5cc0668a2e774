//! Another service, played by the test.

mod sent;
mod serve;

use std::net::SocketAddr;

use axum::Router;
use axum::response::IntoResponse;
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value as Json, json};
use tokio::task::JoinSet;

use sent::Sent;
pub use sent::SentRequest;
use serve::{listen, serve_bytes, serve_router};

/// A service that another one calls, played by the test on a free port of this machine until it is dropped: it answers as it is told, and shows what
/// was sent to it.
///
/// ```
/// use serde_json::json;
/// use standards_axum::testing::StubUpstream;
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
/// use tokio::net::TcpStream;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let pagos = StubUpstream::with_data(json!({"id": 5, "estado": "PROCESADO"})).await;
///
/// // A client's part: it was configured with `pagos.url()`.
/// let mut connection = TcpStream::connect(pagos.address()).await?;
/// let request = "POST /api/v1/pagos HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 14\r\n\r\n{\"cliente\": 1}";
/// connection.write_all(request.as_bytes()).await?;
/// let mut answer = String::new();
/// connection.read_to_string(&mut answer).await?;
/// assert!(answer.contains(r#""estado":"PROCESADO""#), "{answer}");
///
/// let sent = pagos.only();
/// assert_eq!((sent.method.as_str(), sent.uri.path()), ("POST", "/api/v1/pagos"));
/// sent.assert_json(&json!({"cliente": 1}));
/// # Ok(())
/// # }
/// ```
///
/// # Example: answers of one's own
///
/// ```
/// use axum::extract::Path;
/// use axum::routing::get;
/// use axum::{Json, Router};
/// use serde_json::json;
/// use standards_axum::testing::StubUpstream;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let saldo = async |Path(id): Path<u64>| Json(json!({"success": true, "data": {"id": id}, "errors": []}));
/// let clientes = StubUpstream::new(Router::new().route("/api/v1/clientes/{id}", get(saldo))).await;
/// clientes.assert_unasked();
/// # }
/// ```
///
/// A request's body is kept up to a megabyte; a longer one is answered by 413. Of what is sent the first ten thousand requests are kept. It has no
/// records: it is no part of the service.
#[derive(Debug)]
pub struct StubUpstream {
    address: SocketAddr,
    sent: Sent,
    /// Dropped, it ends the listener and each connection.
    _running: JoinSet<()>,
}

impl StubUpstream {
    /// Answers as the routes do, which see each request whole.
    pub async fn new(routes: Router) -> Self {
        let (listener, address) = listen().await;
        let sent = Sent::default();
        Self { address, sent: sent.clone(), _running: serve_router(listener, routes, sent) }
    }

    /// Answers everything with what `answer` makes.
    ///
    /// ```
    /// use http::StatusCode;
    /// use standards_axum::testing::StubUpstream;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let broken = StubUpstream::answering(|| (StatusCode::OK, "<h1>It works</h1>")).await;
    /// # }
    /// ```
    pub async fn answering<R: IntoResponse>(answer: impl Fn() -> R + Clone + Send + Sync + 'static) -> Self {
        Self::new(Router::new().fallback(async move || answer().into_response())).await
    }

    /// Answers everything with a success in the envelope.
    pub async fn with_data(data: Json) -> Self {
        let body = json!({"success": true, "data": data, "errors": []});
        Self::answering(move || axum::Json(body.clone())).await
    }

    /// Answers everything with a failure in the envelope.
    ///
    /// # Panics
    ///
    /// When `status` is none.
    pub async fn failing(status: u16, code: &str, message: &str) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or_else(|error| panic!("{status}: {error}"));
        let body = json!({"success": false, "data": null, "errors": [{"code": code, "message": message}]});
        Self::answering(move || (status, axum::Json(body.clone()))).await
    }

    /// Takes every request and answers none.
    pub async fn silent() -> Self {
        Self::new(Router::new().fallback(async || std::future::pending::<()>().await)).await
    }

    /// Answers every connection with these bytes once it has sent a head, and closes it: for what no server sends. What was sent is not kept.
    pub async fn speaking(bytes: impl Into<Bytes>) -> Self {
        let (listener, address) = listen().await;
        Self { address, sent: Sent::default(), _running: serve_bytes(listener, bytes.into()) }
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same as the beginning of a URL, without a slash at its end: `http://127.0.0.1:49152`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What was sent to it, in the order in which it came.
    #[must_use]
    pub fn sent(&self) -> Vec<SentRequest> {
        self.sent.all()
    }

    /// The one request that was sent to it.
    ///
    /// # Panics
    ///
    /// When there was none, or more than one.
    #[must_use]
    #[track_caller]
    pub fn only(&self) -> SentRequest {
        let mut sent = self.sent();
        match (sent.pop(), sent.len()) {
            (Some(request), 0) => request,
            _ => panic!("expected one request, found {}", self.told()),
        }
    }

    /// Nothing was sent to it.
    ///
    /// # Panics
    ///
    /// When something was.
    #[track_caller]
    pub fn assert_unasked(&self) {
        assert!(self.sent().is_empty(), "expected no request, found {}", self.told());
    }

    /// Each request in a line.
    fn told(&self) -> String {
        let sent = self.sent();
        let lines: Vec<_> = sent.iter().map(ToString::to_string).collect();
        if lines.is_empty() { "none".to_owned() } else { format!("{}:\n  {}", lines.len(), lines.join("\n  ")) }
    }
}
