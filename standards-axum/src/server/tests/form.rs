//! What is no request is refused and what follows it is not read, over a real socket.

use super::super::connection::{answer, builder, noted};
use super::super::drain::{Closing, Connections};
use super::super::exchange::Exchange;
use super::super::stream::{Place, Stream};
use super::super::transport::{Socket, Transport};
use super::*;
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use tokio::sync::Semaphore;

/// How a server whose answers tell the path and the body's length answers `bytes`.
async fn exchange(bytes: &[u8]) -> String {
    let tell = |request: Request<Incoming>| async move {
        let path = request.uri().path().to_owned();
        let read = request.into_body().collect().await.map(|body| body.to_bytes().len());
        Response::new(Full::new(Bytes::from(read.map_or_else(|_| "roto".to_owned(), |length| format!("<{path} {length}>")))))
    };
    let (address, _stop, _running) = start_with(tell, Duration::from_secs(10)).await;
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(bytes).await.unwrap();
    client.shutdown().await.unwrap();
    read(client).await
}

const SMUGGLED: &str = "GET /colada HTTP/1.1\r\nHost: x\r\n\r\n";

/// Requests that are refused, each with what is sent behind it.
const REFUSED: &[(&str, &str)] = &[
    ("a bare line feed", "GET / HTTP/1.1\nHost: x\r\n\r\n"),
    ("a bare line feed at the end", "GET / HTTP/1.1\r\nHost: x\r\n\n"),
    ("a bare line feed in a field", "GET / HTTP/1.1\r\nHost: x\r\nX: a\nY: b\r\n\r\n"),
    ("a bare carriage return", "GET / HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n"),
    ("a folded line", "GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n"),
    ("a folded line by a tab", "GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n\tb\r\n\r\n"),
    ("a space before the colon", "GET / HTTP/1.1\r\nHost : x\r\n\r\n"),
    ("NUL", "GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n"),
    ("ESC", "GET / HTTP/1.1\r\nHost: x\r\nX: \x1b[31m\r\n\r\n"),
    ("no host", "GET / HTTP/1.1\r\nX: a\r\n\r\n"),
    ("two hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"),
    ("a length and chunks", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("chunks and a length", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
    ("two lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef"),
    ("a length twice", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nabcde"),
    ("a list of lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5, 5\r\n\r\nabcde"),
    ("a negative length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"),
    ("a coding twice", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("a coding that is none", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\x0b\r\n\r\n0\r\n\r\n"),
    ("HTTP/0.9", "GET /\r\n\r\n"),
    ("HTTP/3.0", "GET / HTTP/3.0\r\nHost: x\r\n\r\n"),
    ("HTTP/2 at once", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ("TLS", "\x16\x03\x01\x02\0\x01\0\x01\u{7c}\x03\x03"),
];

#[tokio::test]
async fn what_is_no_request_is_400_and_what_follows_is_not_read() {
    for (name, request) in REFUSED {
        let answer = exchange([request, SMUGGLED].concat().as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400 ") || answer.is_empty() && request.contains("HTTP/2.0"), "{name}: {answer}");
        assert!(answer.matches("HTTP/1.1").count() <= 1, "{name}: {answer}");
    }
}

/// Chunks that are refused, each with what is sent behind it.
const BROKEN: &[&str] =
    &["5\nabcde\r\n0\r\n\r\n", "fffffffffffffffff\r\n", "0\r\nX: a\nY: b\r\n\r\n", "1\r\nab0\r\n\r\n", "0\r\n\n", "-1\r\n"];

#[tokio::test]
async fn a_body_in_broken_chunks_is_broken_and_what_follows_is_not_read() {
    let head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    for body in BROKEN {
        let answer = exchange([head, body, SMUGGLED].concat().as_bytes()).await;
        assert!(answer.ends_with("roto") && answer.matches("HTTP/1.1").count() == 1, "{body:?}: {answer}");
    }
}

#[tokio::test]
async fn requests_in_one_packet_are_answered_in_order_whatever_their_bodies_hold() {
    let (mut bytes, mut expected) = (String::new(), Vec::new());
    for number in 0..34 {
        bytes += &format!("GET /a{number} HTTP/1.1\r\nHost: x\r\n\r\n");
        bytes += &format!("POST /b{number} HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nX: a\n\n\r\n");
        bytes +=
            &format!("POST /c{number} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n\n\r\n\r\n0\r\nT: t\r\n\r\n");
        expected.extend([format!("</a{number} 0>"), format!("</b{number} 8>"), format!("</c{number} 3>")]);
    }
    let answers = exchange(bytes.as_bytes()).await;
    let told: Vec<&str> = answers.split('<').skip(1).map(|rest| rest.split_once('>').unwrap().0).collect();
    assert_eq!(told, expected.iter().map(|told| told.trim_matches(['<', '>'])).collect::<Vec<_>>());
}

/// What a client gets whose requests' bodies hyper takes to be of other lengths than our own reading of their heads; the service panics.
async fn disagreed(length: u64, bytes: &[u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    client.write_all(bytes).await.unwrap();
    let (socket, peer) = listener.accept().await.unwrap();
    let (limits, closing) = (Limits::default(), Closing::default());
    let permit = Arc::new(Semaphore::new(1)).acquire_owned().await.unwrap();
    let place = Place { open: Connections::default().open.token(), _permit: permit };
    let exchange = Exchange::new(closing.clone());
    let transport = Transport::Plain(Socket::new(socket, limits.stall));
    let stream = Stream::new(transport, exchange.clone(), limits, closing.token, place);
    let exchange = &exchange;
    let answering = hyper::service::service_fn(move |request: Request<Incoming>| {
        exchange.announce(length);
        let mut service = service_fn(async |_| -> Result<Response<Full<Bytes>>, Infallible> { panic!("the service was asked") });
        answer(&mut service, &noted(peer), exchange, request)
    });
    builder(true).serve_connection(TokioIo::new(stream), answering).await.unwrap();
    read(client).await
}

#[tokio::test]
async fn a_request_that_two_readers_read_otherwise_is_refused_before_the_service_and_ends_the_connection() {
    let post = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde";
    let chunks = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    for (request, length) in [(post, 4), (post, 6), (post, 0), (chunks, 5), ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 5)] {
        let answer = disagreed(length, [request, SMUGGLED].concat().as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("connection: close"), "{request:?}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{request:?}: {answer}");
    }
}

#[tokio::test]
async fn a_client_that_closes_its_side_gets_its_answer() {
    for request in
        ["GET / HTTP/1.0\r\n\r\n", "GET http://x/abs HTTP/1.1\r\nHost: x\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"]
    {
        let answer = exchange(request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1."), "{request}: {answer}");
        assert!(answer.contains(" 200 OK\r\n"), "{request}: {answer}");
    }
}

#[tokio::test]
async fn a_request_in_the_smallest_pieces_is_one_request() {
    let (address, _stop, _running) = start(Duration::ZERO, Duration::from_secs(10)).await;
    let mut client = TcpStream::connect(address).await.unwrap();
    client.set_nodelay(true).unwrap();
    for byte in REQUEST {
        client.write_all(&[*byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert!(until(&mut client, b"hecho").await.starts_with("HTTP/1.1 200"));
}
