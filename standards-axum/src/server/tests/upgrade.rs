//! Connections that leave HTTP.

use super::*;
use http::header::{CONNECTION, HOST, UPGRADE};
use http::{HeaderValue, StatusCode};
use hyper::upgrade::{Upgraded, on};
use hyper_util::rt::TokioIo;

const UPGRADE_REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: eco\r\n\r\n";
const GRACE: Duration = Duration::from_secs(30);

/// Answers 101, and has `speak` use the connection.
async fn upgrading<F: Future<Output = ()> + Send + 'static>(
    request: Request<Incoming>,
    speak: fn(TokioIo<Upgraded>) -> F,
) -> Response<Full<Bytes>> {
    let upgrade = on(request);
    context::spawn(async move { speak(TokioIo::new(upgrade.await.unwrap())).await });
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("upgrade"));
    answer.headers_mut().insert(UPGRADE, HeaderValue::from_static("eco"));
    answer
}

/// Sends back what comes, and says goodbye at the end.
async fn echo(mut upgraded: TokioIo<Upgraded>) {
    let mut bytes = [0; 64];
    while let Ok(length @ 1..) = upgraded.read(&mut bytes).await {
        upgraded.write_all(&bytes[..length]).await.unwrap();
    }
    upgraded.write_all(b"adios").await.unwrap();
    upgraded.shutdown().await.unwrap();
}

async fn hang(upgraded: TokioIo<Upgraded>) {
    std::future::pending::<()>().await;
    drop(upgraded);
}

/// A client whose connection has been upgraded.
async fn upgraded_client(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(UPGRADE_REQUEST).await.unwrap();
    let head = until(&mut stream, b"\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    stream
}

#[tokio::test]
async fn an_upgraded_connection_speaks_both_ways_until_the_client_leaves() {
    let (address, stop, running) = start_with(|request| upgrading(request, echo), GRACE).await;
    let mut client = upgraded_client(address).await;
    for word in ["uno", "dos"] {
        client.write_all(word.as_bytes()).await.unwrap();
        assert_eq!(until(&mut client, word.as_bytes()).await, word);
    }
    client.shutdown().await.unwrap();
    assert_eq!(read(client).await, "adios");
    stop.send(()).unwrap();
    running.await.unwrap();
}

#[tokio::test]
async fn when_the_server_stops_an_upgraded_connection_ends_with_its_last_words() {
    let (address, stop, running) = start_with(|request| upgrading(request, echo), GRACE).await;
    let (waiting, started) = (upgraded_client(address).await, Instant::now());
    stop.send(()).unwrap();
    assert_eq!(read(waiting).await, "adios");
    running.await.unwrap();
    assert!(started.elapsed() < GRACE);
}

#[tokio::test]
async fn an_upgraded_connection_that_does_not_end_does_not_hold_the_server_past_the_grace() {
    let (address, stop, running) = start_with(|request| upgrading(request, hang), Duration::from_millis(200)).await;
    let _client = upgraded_client(address).await;
    stop.send(()).unwrap();
    running.await.unwrap();
}

#[tokio::test]
async fn a_request_whose_upgrade_is_refused_goes_on_in_http() {
    let refuse = |request: Request<Incoming>| async move {
        let host = request.headers()[HOST].clone();
        Response::new(Full::new(Bytes::copy_from_slice(host.as_bytes())))
    };
    let (address, _stop, _running) = start_with(refuse, GRACE).await;
    let pipelined = [UPGRADE_REQUEST, b"GET / HTTP/1.1\r\nHost: segundo\r\nConnection: close\r\n\r\n"].concat();
    let answers = read(connect(address, &pipelined).await).await;
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 2, "{answers}");
    assert!(answers.ends_with("segundo"), "{answers}");
}
