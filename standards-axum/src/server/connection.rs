//! One connection, from its first request to its last.
//!
//! hyper's part is HTTP/1.1: heads, bodies, pipelining, `Expect`, upgrades. What it is not asked for is time and form: its own
//! `header_read_timeout` is off, because it runs for the first head only from the first byte on and does not know an idle connection, and
//! its leniency about heads is met by `framing` before.
//!
//! The waits in `serve_connection` are one life: for the first byte of a request, for the connection's rest, its end or the word to stop,
//! and for what is left after that word. hyper is there from the first byte to the rest: its buffers and its state take 20 KiB, the
//! connection without them 2.

use std::cell::RefCell;
use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::extract::ConnectInfo;
use bytes::Bytes;
use http::header::{CONNECTION, HeaderValue};
use http::{Extensions, Method, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{Either, Empty};
use hyper::body::Incoming;
use hyper::server::conn::http1::{self, UpgradeableConnection};
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::TokioIo;
use pin_project_lite::pin_project;
use tower_service::Service;

use super::drain::Closing;
use super::exchange::Exchange;
use super::framing::Extent;
use super::limits::Limits;
use super::stream::{Place, Stream};
use super::transport::Transport;
use super::waking::Waking;

/// The most that a request's head may take, in bytes; a longer one is 431.
const MAX_HEAD: usize = 32 * 1024;

/// What a connection is served by.
pub(super) struct Serving<S> {
    /// A copy of its own, always ready as a `Router` in our layers is: a connection asks it one request after the other. In a box, for a task
    /// has a copy of it in each of its states.
    pub(super) service: Box<S>,
    /// Whose it is, as `ConnectInfo` tells handlers.
    pub(super) peer: SocketAddr,
    /// How long the client may take.
    pub(super) limits: Limits,
    /// The word to close.
    pub(super) closing: Closing,
    /// Its place among the connections.
    pub(super) place: Place,
}

/// Serves one connection until either side ends it. When it is `closing`, it ends with the request at hand; one that comes later is
/// served one request. A request may take the connection over (WebSocket, `CONNECT`): from then on it is the task's that took it.
pub(super) async fn serve_connection<S, B>(transport: Transport, serving: Serving<S>)
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let Serving { service, peer, limits, closing, place } = serving;
    let (exchange, is_late) = (Exchange::new(closing.clone()), closing.is_cancelled());
    let mut stream = Box::new(Stream::new(transport, exchange.clone(), limits, closing.token.clone(), place));
    let (told, noted) = (&exchange, noted(peer));
    // Asked in place: a copy for each request would cost it a handful of counters of what all connections share, and their cache lines.
    let service = RefCell::new(service);
    let mut answering = service_fn(move |request| answer(&mut *service.borrow_mut(), &noted, told, request));
    loop {
        // Always the client first: what has been received is answered.
        tokio::select! {
            biased;
            () = stream.begun() => {}
            () = farewell(&closing, limits), if !is_late => return stream.close().await,
        }
        let hyper = builder(!is_late).serve_connection(TokioIo::new(stream), answering).with_upgrades();
        let farewell = async { if is_late { pending().await } else { farewell(&closing, limits).await } };
        let Some(rested) = serve_requests(Box::new(hyper), &exchange, farewell).await else { return };
        (stream, answering) = rested;
    }
}

/// Serves requests until the connection can go on without hyper, or with nothing left when it has ended: with the request at hand, once
/// it is time for the `farewell`.
async fn serve_requests<A, B>(
    mut hyper: Box<UpgradeableConnection<TokioIo<Box<Stream>>, A>>,
    exchange: &Exchange,
    farewell: impl Future<Output = ()>,
) -> Option<(Box<Stream>, A)>
where
    A: HttpService<Incoming, ResBody = B> + Unpin,
    A::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    B: Body + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    tokio::select! {
        biased;
        rests = comes_to_rest(&mut hyper, exchange) => if !rests { return None },
        () = farewell => {
            Pin::new(&mut *hyper).graceful_shutdown();
            let _ = hyper.await;
            return None;
        }
    }
    let parts = hyper.into_parts()?;
    Some((parts.io.into_inner(), parts.service))
}

/// Resolves when the connection can go on without hyper, or with `false` when it has ended.
async fn comes_to_rest(connection: &mut (impl Future + Unpin), exchange: &Exchange) -> bool {
    let mut waking = Waking::new(exchange.clone());
    poll_fn(|cx| match waking.poll(cx, |cx| Pin::new(&mut *connection).poll(cx)) {
        // A client that breaks its connection is no failure of the service.
        Poll::Ready(_) => Poll::Ready(false),
        Poll::Pending if exchange.is_at_rest() => Poll::Ready(true),
        Poll::Pending => Poll::Pending,
    })
    .await
}

/// Resolves when a connection has to end, some time after the word: one that is closed under a client's hands costs it the request that it
/// is about to send.
async fn farewell(closing: &Closing, limits: Limits) {
    closing.said().await;
    tokio::time::sleep(limits.farewell).await;
}

/// hyper as it is set here: no timer of its own, a client that closes its side is still answered, and a bound on heads.
pub(super) fn builder(keep_alive: bool) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.keep_alive(keep_alive).header_read_timeout(None).half_close(true).max_buf_size(MAX_HEAD);
    builder
}

/// A service's body, or none.
type Answered<B> = Either<B, Empty<Bytes>>;

/// Answers one request, which is told whose it is. While the server stops, the answer is the connection's last.
///
/// The service is not asked where two readings of the head differ: what hyper takes for the body is not what was given it as such.
pub(super) fn answer<'c, S, R>(
    service: &mut S,
    noted: &Extensions,
    exchange: &'c Exchange,
    mut request: Request<R>,
) -> Answer<'c, S::Future>
where
    S: Service<Request<R>, Error = Infallible>,
    R: Body,
{
    let is_agreed = exchange.begin(request.body().size_hint().exact().map_or(Extent::Chunked, Extent::Length));
    request.extensions_mut().extend(noted.clone());
    let is_connect = request.method() == Method::CONNECT;
    // No closure, which would move the request once more.
    let answered = if is_agreed { Some(service.call(request)) } else { None };
    Answer { answered, exchange, is_connect }
}

/// What each request is told of its connection: whom it is with.
///
/// Its copies have room for what layers and router note beside: a map that begins with one has to grow for the fourth.
pub(super) fn noted(peer: SocketAddr) -> Extensions {
    #[derive(Clone)]
    struct Room<const N: usize>;

    let mut noted = Extensions::new();
    noted.insert(ConnectInfo(peer));
    noted.insert(Room::<0>);
    noted.insert(Room::<1>);
    noted.insert(Room::<2>);
    noted.remove::<Room<0>>();
    noted.remove::<Room<1>>();
    noted.remove::<Room<2>>();
    noted
}

pin_project! {
    /// The service's answer to a request, or a refusal of one that was not shown to it.
    // Not an `async` block, which would move the service's future once more.
    pub(super) struct Answer<'c, F> {
        #[pin]
        answered: Option<F>,
        // Lent by the connection: its own would be two fences for each request.
        exchange: &'c Exchange,
        is_connect: bool,
    }
}

impl<F, B> Future for Answer<'_, F>
where
    F: Future<Output = Result<Response<B>, Infallible>>,
{
    type Output = Result<Response<Answered<B>>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Some(answered) = this.answered.as_pin_mut() else { return Poll::Ready(Ok(refusal())) };
        let mut response = ready!(answered.poll(cx))?;
        // As hyper sees it (RFC 9110, sections 7.8 and 9.3.6).
        if response.status() == StatusCode::SWITCHING_PROTOCOLS || (*this.is_connect && response.status().is_success()) {
            this.exchange.upgrade();
        } else if this.exchange.is_closing() {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        Poll::Ready(Ok(response.map(Either::Left)))
    }
}

/// Of a request whose body hyper reads otherwise than `framing` did: what hyper says of one that it cannot read at all.
fn refusal<B>() -> Response<Answered<B>> {
    let mut response = Response::new(Either::Right(Empty::new()));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
