//! The connections of an upstream.
//!
//! Not the server of the crate, which an upstream need not be like: this one ends its connections in the moment in which it is dropped, as a process
//! does that dies.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body::Body as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use standards_core::context::JoinSetExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tower::ServiceExt;

use super::sent::{Sent, SentRequest};

/// The most of a request's body that is read: a megabyte.
const BODY_LIMIT: usize = 1 << 20;

/// The most of a head that is waited for before bytes are answered.
const HEAD_LIMIT: usize = 64 << 10;

pub(super) async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("this machine has a free port");
    let address = listener.local_addr().expect("a listener has an address");
    (listener, address)
}

/// Answers requests as `routes` do, and notes them.
pub(super) fn serve_router(listener: TcpListener, routes: Router, sent: Sent) -> JoinSet<()> {
    serve(listener, move |connection| {
        let (routes, sent) = (routes.clone(), sent.clone());
        let answer = service_fn(move |request| answer(routes.clone(), sent.clone(), request));
        // A client that breaks its connection is no failure of the upstream.
        async move { drop(http1::Builder::new().serve_connection(TokioIo::new(connection), answer).await) }
    })
}

/// Answers each connection with `bytes`.
pub(super) fn serve_bytes(listener: TcpListener, bytes: Bytes) -> JoinSet<()> {
    serve(listener, move |connection| {
        let bytes = bytes.clone();
        async move { drop(speak(connection, &bytes).await) }
    })
}

/// Each connection in a task of its own, all of which end with the set.
fn serve<F: Future<Output = ()> + Send + 'static>(
    listener: TcpListener,
    converse: impl Fn(TcpStream) -> F + Send + 'static,
) -> JoinSet<()> {
    let mut running = JoinSet::new();
    running.spawn_in_context(async move {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => if let Ok((connection, _)) = accepted {
                    connections.spawn_in_context(converse(connection));
                },
                Some(_ended) = connections.join_next() => {}
            }
        }
    });
    running
}

async fn answer(routes: Router, sent: Sent, request: Request<Incoming>) -> Result<Response, Infallible> {
    let (head, body) = request.into_parts();
    let body = whole(body).await;
    let kept = body.clone().unwrap_or_default();
    sent.note(SentRequest { method: head.method.clone(), uri: head.uri.clone(), headers: head.headers.clone(), body: kept });
    match body {
        Some(body) => routes.oneshot(Request::from_parts(head, Body::from(body))).await,
        None => Ok(StatusCode::PAYLOAD_TOO_LARGE.into_response()),
    }
}

/// The body, unless it is longer than what is kept, or says that it will be.
async fn whole(body: Incoming) -> Option<Bytes> {
    let is_short = usize::try_from(body.size_hint().lower()).is_ok_and(|length| length <= BODY_LIMIT);
    if is_short { to_bytes(Body::new(body), BODY_LIMIT).await.ok() } else { None }
}

/// The end of a head, then the bytes, then the end of the connection.
async fn speak(mut connection: TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < HEAD_LIMIT {
        head.push(connection.read_u8().await?);
    }
    connection.write_all(bytes).await?;
    connection.shutdown().await
}
