//! Server-sent events: an answer without an end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::response::sse::{Event, Sse};
use axum::routing::get;
use futures_util::{Stream, stream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{self, under_axum, under_ours};
use standards_axum::standardize;

/// Three events; the last one comes later than any deadline that the standard has.
async fn events() -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    Sse::new(stream::unfold(0_u8, async |number| {
        if number == 2 {
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
        (number < 3).then(|| (Ok(Event::default().data(number.to_string())), number + 1))
    }))
}

fn router() -> Router {
    Router::new()
        .route("/events", get(events))
        .route("/quick", get(async || Sse::new(stream::iter([Ok::<_, Infallible>(Event::default().data("ya"))]))))
}

/// The answer to a GET on a connection of its own, as it stands on the wire.
pub(crate) async fn ask(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test(start_paused = true)]
async fn events_come_for_as_long_as_they_like() {
    let exchange = support::get(&standardize(router()), "/events").await;
    assert_eq!((exchange.status, exchange.text().as_str()), (200, "data: 0\n\ndata: 1\n\ndata: 2\n\n"));
    assert_eq!(exchange.headers["content-type"], "text/event-stream");
    assert_eq!(exchange.access_record()["context"]["route"], "/events");
}

#[tokio::test]
async fn each_event_is_sent_when_it_is_there() {
    for running in [under_axum(router()).await, under_ours(router()).await] {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        stream.write_all(b"GET /events HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut seen = Vec::new();
        while !String::from_utf8_lossy(&seen).contains("data: 1") {
            assert_ne!(stream.read_buf(&mut seen).await.unwrap(), 0);
        }
    }
    let quick = under_ours(router()).await;
    assert!(ask(quick.address, "/quick").await.contains("data: ya"));
    quick.stop().await;
}
