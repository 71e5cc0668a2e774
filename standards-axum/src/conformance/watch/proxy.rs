//! One client's connection, and one to the service for it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, TE, TRANSFER_ENCODING, UPGRADE};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, Request, Response, StatusCode, Uri, Version};
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{Builder as Client, SendRequest};
use hyper::server::conn::http1::Builder as Server;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use standards_core::context::spawn_worker;
use tokio::net::TcpStream;
use tokio::sync::Mutex;

use super::Watch;
use super::tap::{Copying, Tap};
use crate::conformance::exchange::{Header, Request as Asked};

/// What a head may be.
const HEAD_BYTES: usize = 256 << 10;
/// Headers of one connection, that are nobody else's (RFC 9110, section 7.6.1).
static OF_CONNECTION: [HeaderName; 6] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
];

type Passed = Response<Either<Tap, Full<Bytes>>>;
type Service = Mutex<Option<SendRequest<Incoming>>>;

/// Hands on what comes by a connection, until either side ends it.
pub(super) async fn connection(stream: TcpStream, watch: Arc<Watch>) {
    let _ = stream.set_nodelay(true);
    let service: Arc<Service> = Arc::default();
    let answer = service_fn(move |request| forward(Arc::clone(&watch), Arc::clone(&service), request));
    let mut server = Server::new();
    server.preserve_header_case(true).auto_date_header(false).header_read_timeout(None::<Duration>).max_buf_size(HEAD_BYTES);
    let _ = server.serve_connection(TokioIo::new(stream), answer).await;
}

async fn forward(watch: Arc<Watch>, service: Arc<Service>, mut request: Request<Incoming>) -> Result<Passed, hyper::Error> {
    let asked = asked(&request);
    direct(&mut request);
    let sent = send(&watch, &service, request).await;
    Ok(match sent {
        Ok(answer) => passed(watch, asked, answer),
        Err(why) => unreachable(&watch, &why),
    })
}

async fn send(watch: &Watch, service: &Service, request: Request<Incoming>) -> Result<Response<Incoming>, String> {
    let mut kept = service.lock().await;
    let mut sender = connected(watch, kept.take()).await?;
    let answer = match sender.try_send_request(request).await {
        Ok(answer) => answer,
        Err(mut error) => {
            // It was closed while it was found open: nothing was sent, and another may take it.
            let Some(request) = error.take_message() else { return Err(error.into_error().to_string()) };
            sender = connect(watch).await?;
            sender.send_request(request).await.map_err(|error| error.to_string())?
        }
    };
    *kept = Some(sender);
    Ok(answer)
}

/// The connection to the service: the one that is open, or a new one.
async fn connected(watch: &Watch, kept: Option<SendRequest<Incoming>>) -> Result<SendRequest<Incoming>, String> {
    if let Some(mut sender) = kept
        && sender.ready().await.is_ok()
    {
        return Ok(sender);
    }
    connect(watch).await
}

async fn connect(watch: &Watch) -> Result<SendRequest<Incoming>, String> {
    let stream = TcpStream::connect((watch.target.host.as_str(), watch.target.port)).await.map_err(|error| error.to_string())?;
    let _ = stream.set_nodelay(true);
    let mut client = Client::new();
    client.preserve_header_case(true).max_buf_size(HEAD_BYTES);
    let (sender, connection) = client.handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    drop(spawn_worker(connection));
    Ok(sender)
}

/// What is judged of a request.
fn asked(request: &Request<Incoming>) -> Asked {
    let path = request.uri().path_and_query().map_or("/", PathAndQuery::as_str).to_owned();
    let headers = request.headers().iter().map(|(name, value)| Header::new(name.as_str(), value.as_bytes())).collect();
    let has_body = request.headers().contains_key(CONTENT_LENGTH) || request.headers().contains_key(TRANSFER_ENCODING);
    Asked { method: request.method().as_str().to_owned(), path, headers, body: has_body.then(Vec::new) }
}

/// As it goes to the service.
fn direct(request: &mut Request<Incoming>) {
    *request.version_mut() = Version::HTTP_11;
    if let Some(path) = request.uri().path_and_query().cloned() {
        *request.uri_mut() = Uri::from(path);
    }
    without_connection(request.headers_mut());
}

/// As it goes to the client.
fn passed(watch: Arc<Watch>, asked: Asked, answer: Response<Incoming>) -> Passed {
    let (mut head, body) = answer.into_parts();
    let copying = Copying::new(watch, asked, &head);
    without_connection(&mut head.headers);
    head.version = Version::HTTP_11;
    Response::from_parts(head, Either::Left(Tap::new(body, copying)))
}

fn without_connection(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&OF_CONNECTION) {
        headers.remove(name);
    }
}

fn unreachable(watch: &Watch, why: &str) -> Passed {
    watch.unjudged.fetch_add(1, Ordering::Relaxed);
    let sentence = format!("standards-check: {}: {why}\n", watch.target.origin());
    let mut answer = Response::new(Either::Right(Full::from(sentence)));
    *answer.status_mut() = StatusCode::BAD_GATEWAY;
    answer
}
