//! A service on a port.

use std::net::SocketAddr;

use standards_core::CorrelationId;
use standards_core::log::capture::Capture;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::standardize;

/// What comes back for these bytes, until the connection ends; nothing where there is none.
pub(super) async fn ask(address: SocketAddr, bytes: &[u8]) -> Option<String> {
    let mut connection = TcpStream::connect(address).await.ok()?;
    connection.write_all(bytes).await.ok()?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.ok()?;
    Some(answer)
}

#[tokio::test]
async fn a_real_port_is_served_until_it_is_dropped() {
    let app = TestApp::new(standardize(Router::new().route("/", get(async || "hola"))));
    let server = app.listen().await;
    assert_eq!(server.url(), format!("http://{}", server.address()));
    let id = CorrelationId::generate();
    let request = format!("GET / HTTP/1.1\r\nHost: x\r\nX-Correlation-ID: {id}\r\nConnection: close\r\n\r\n");
    let answer = ask(server.address(), request.as_bytes()).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nhola"), "{answer}");
    assert_eq!(Capture::of(&id).messages(), ["Solicitud atendida"]);
    let address = server.address();
    drop(server);
    while ask(address, request.as_bytes()).await.is_some() {
        tokio::task::yield_now().await;
    }
}
