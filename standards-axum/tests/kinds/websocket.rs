//! A WebSocket, under either server.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::{any, get};
use futures_util::{SinkExt, StreamExt};
use standards_core::log::capture::Capture;
use standards_core::{CorrelationId, context};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message as Sent;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::support::{Running, access_record, under_axum, under_ours};

fn router() -> Router {
    let peer = async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.ip().to_string();
    Router::new()
        .route("/ws", any(async |upgrade: WebSocketUpgrade| -> Response { upgrade.on_upgrade(context::carried(speak)) }))
        .route("/peer", get(peer))
}

/// Sends back what comes.
async fn speak(mut socket: WebSocket) {
    tracing::info!("Conexión abierta");
    while let Some(Ok(Message::Text(text))) = socket.recv().await {
        tracing::info!("Mensaje recibido");
        socket.send(Message::Text(text)).await.unwrap();
    }
    tracing::info!("Conexión cerrada");
}

async fn exchange(running: Running) {
    let id = CorrelationId::generate();
    let mut request = format!("ws://{}/ws", running.address).into_client_request().unwrap();
    request.headers_mut().insert("x-correlation-id", id.as_str().parse().unwrap());
    let (mut socket, answer) = connect_async(request).await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["x-correlation-id"]), (101, &id.as_str().parse().unwrap()));
    for word in ["uno", "dos"] {
        socket.send(Sent::text(word)).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), Sent::text(word));
    }
    let log = Capture::of(&id);
    assert_eq!(access_record(&log)["context"]["route"], "/ws");
    assert_eq!(log.messages().iter().filter(|message| *message == "Mensaje recibido").count(), 2, "{:#?}", log.messages());
    drop(socket);
    running.stop().await;
}

#[tokio::test]
async fn works_under_axums_server() {
    exchange(under_axum(router()).await).await;
}

#[tokio::test]
async fn works_under_our_server() {
    exchange(under_ours(router()).await).await;
}

#[tokio::test]
async fn ends_when_our_server_stops() {
    let running = under_ours(router()).await;
    let (mut socket, _) = connect_async(format!("ws://{}/ws", running.address)).await.unwrap();
    socket.send(Sent::text("uno")).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Sent::text("uno"));
    // Whoever waits for its client hears that there is none any more; the grace would be ten seconds.
    let (_, last) =
        tokio::time::timeout(Duration::from_secs(8), async { tokio::join!(running.stop(), socket.next()) }).await.unwrap();
    assert!(last.is_none_or(|last| last.is_err()));
}

#[tokio::test]
async fn a_handler_knows_its_peer_under_either_server() {
    for running in [under_axum(router()).await, under_ours(router()).await] {
        let answer = crate::sse::ask(running.address, "/peer").await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("127.0.0.1"), "{answer}");
        running.stop().await;
    }
}
