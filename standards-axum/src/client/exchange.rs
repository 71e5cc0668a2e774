//! One attempt: a request and its answer, within bounds.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http::header::CONTENT_ENCODING;
use http::response::Parts;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::Body as _;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy;
use standards_core::Failure;
use tokio::sync::Semaphore;
use tower_service::Service;

use super::connection::{HttpClient, http_client, trust};
use super::upstream_error::{Reason, UpstreamError};
use crate::url::Url;

/// The longest answer unless the client is told otherwise, in bytes.
const LONGEST_ANSWER: usize = 1 << 20;

/// How many attempts are on their way at once, unless the client is told otherwise.
const CONNECTIONS: usize = 64;

/// The innermost service of a [`Client`](super::Client): sends a request as it is, once, and reads the answer whole.
///
/// An answer of any status is one; a redirection, one that is packed or too long, and none are a [`Failure`] whose cause is an
/// [`UpstreamError`]. It has no time limit of its own: the client has.
#[derive(Clone)]
pub struct Exchange {
    http: HttpClient,
    upstream: &'static str,
    longest: usize,
    room: Arc<Semaphore>,
}

/// The future of an [`Exchange`]. A box is nothing beside a network.
pub type ExchangeFuture = Pin<Box<dyn Future<Output = Result<Response<Bytes>, Failure>> + Send>>;

impl Exchange {
    /// With those whom `base` is to be believed by.
    pub(crate) fn to(upstream: &'static str, base: &Url) -> io::Result<Self> {
        Ok(Self::new(upstream, http_client(trust(base)?)))
    }

    pub(super) fn new(upstream: &'static str, http: HttpClient) -> Self {
        Self { http, upstream, longest: LONGEST_ANSWER, room: Arc::new(Semaphore::new(CONNECTIONS)) }
    }

    pub(crate) fn with_longest(self, longest: usize) -> Self {
        Self { longest, ..self }
    }

    pub(super) fn with_room(self, connections: usize) -> Self {
        Self { room: Arc::new(Semaphore::new(connections.clamp(1, Semaphore::MAX_PERMITS))), ..self }
    }

    async fn exchange(self, request: Request<Bytes>) -> Result<Response<Bytes>, UpstreamError> {
        // HTTP/1.1 has one exchange on a connection: this many are open for requests.
        let _room = self.room.acquire().await;
        let answer = self.http.request(request.map(Full::new)).await.map_err(|error| self.unanswered(error))?;
        let (head, body) = answer.into_parts();
        self.check(&head, &body)?;
        match read(body, self.longest).await {
            Ok(body) => Ok(Response::from_parts(head, body)),
            Err(ended) => Err(self.broken_off(head.status, ended)),
        }
    }

    /// What the head tells already.
    fn check(&self, head: &Parts, body: &Incoming) -> Result<(), UpstreamError> {
        let reason = if head.status.is_redirection() {
            Reason::Redirected
        } else if head.status.is_informational() {
            Reason::NotHttp
        } else if is_packed(&head.headers) {
            Reason::Encoded
        } else if body.size_hint().lower() > self.longest as u64 {
            Reason::TooLarge
        } else {
            return Ok(());
        };
        Err(UpstreamError::new(self.upstream, reason).with_status(head.status))
    }

    fn unanswered(&self, error: legacy::Error) -> UpstreamError {
        let reason = if error.is_connect() {
            Reason::Unreachable
        } else if is_not_http(&error) {
            Reason::NotHttp
        } else {
            Reason::BrokenOff
        };
        UpstreamError::new(self.upstream, reason).with_source(error)
    }

    fn broken_off(&self, status: StatusCode, (reason, error): (Reason, Option<hyper::Error>)) -> UpstreamError {
        let broken = UpstreamError::new(self.upstream, reason).with_status(status);
        match error {
            Some(error) => broken.with_source(error),
            None => broken,
        }
    }
}

impl Service<Request<Bytes>> for Exchange {
    type Response = Response<Bytes>;
    type Error = Failure;
    type Future = ExchangeFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> ExchangeFuture {
        let exchange = self.clone().exchange(request);
        Box::pin(async { exchange.await.map_err(UpstreamError::into_failure) })
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("upstream", &self.upstream).field("longest", &self.longest).finish_non_exhaustive()
    }
}

/// The body, copied: the frames of one that comes byte by byte would each hold on to the buffer that it came in.
async fn read(mut body: Incoming, longest: usize) -> Result<Bytes, (Reason, Option<hyper::Error>)> {
    let mut read = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| (reason_of(&error), Some(error)))?;
        let data = frame.data_ref().map(Bytes::as_ref).unwrap_or_default();
        if data.len() > longest.saturating_sub(read.len()) {
            return Err((Reason::TooLarge, None));
        }
        read.extend_from_slice(data);
    }
    Ok(read.freeze())
}

/// Whether the body is anything but itself (RFC 9110, section 8.4).
fn is_packed(headers: &HeaderMap) -> bool {
    let is_identity = |value: &http::HeaderValue| value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity");
    !headers.get_all(CONTENT_ENCODING).iter().all(is_identity)
}

fn is_not_http(error: &legacy::Error) -> bool {
    error.source().and_then(|source| source.downcast_ref()).is_some_and(|error| reason_of(error) == Reason::NotHttp)
}

fn reason_of(error: &hyper::Error) -> Reason {
    if error.is_parse() { Reason::NotHttp } else { Reason::BrokenOff }
}
