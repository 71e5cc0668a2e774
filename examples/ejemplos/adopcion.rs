//! The standard around an axum service that is there already: its own layers, events, files, a WebSocket and a fallback stay what they are.
//!
//! `cargo run -p examples --bin ejemplos -- adopcion`
//!
//! ```console
//! $ curl -s http://127.0.0.1:8000/eventos
//! data: uno
//!
//! data: dos
//!
//! $ curl -s http://127.0.0.1:8000/archivos/saludos.rs -r 4-18
//! A whole service
//! $ curl -s http://127.0.0.1:8000/archivos/nada.rs
//! {"success":false,"data":null,"errors":[{"code":"HTTP_ERROR","message":"Recurso no encontrado"}]}
//! $ curl -s http://127.0.0.1:8000/viejo
//! {"success":false,"data":null,"errors":[{"code":"HTTP_ERROR","message":"Solicitud no válida"}]}
//! $ curl -s -o /dev/null -w '%header{x-equipo}\n' http://127.0.0.1:8000/eventos
//! ventas
//! $ curl -s http://127.0.0.1:8000/socket
//! {"success":false,"data":null,"errors":[{"code":"HTTP_ERROR","message":"Solicitud no válida"}]}
//! ```
//!
//! ```json
//! {"level": "INFO", "endpoint": "/eventos", "context": {"status": 200}}
//! {"level": "WARNING", "endpoint": "/viejo", "context": {"status": 410}}
//! ```

use std::convert::Infallible;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use standards_axum::core::context;
use standards_axum::core::settings::Environment;
use standards_axum::prelude::*;
use standards_axum::{StopSignal, standardize};
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

const EQUIPO: HeaderName = HeaderName::from_static("x-equipo");

/// The service as its team wrote it.
fn existente() -> Router {
    Router::new()
        .route("/eventos", get(eventos))
        .route("/socket", get(async |upgrade: WebSocketUpgrade| upgrade.on_upgrade(context::carried(eco))))
        .nest_service("/archivos", ServeDir::new(env!("CARGO_MANIFEST_DIR")))
        .fallback(async || (StatusCode::GONE, "se fue"))
        .layer(SetResponseHeaderLayer::overriding(EQUIPO, HeaderValue::from_static("ventas")))
}

async fn eventos() -> Response {
    let eventos = ["uno", "dos"].map(|dato| Ok::<_, Infallible>(Event::default().data(dato)));
    Sse::new(stream::iter(eventos)).into_response()
}

/// The socket's records have the id of the request that opened it.
async fn eco(mut socket: WebSocket) {
    while let Some(Ok(Message::Text(texto))) = socket.recv().await {
        info!(letras = texto.len(), "Mensaje recibido");
        if socket.send(Message::Text(texto)).await.is_err() {
            break;
        }
    }
}

/// One line is the standard; the rest is the `main` that was there.
pub(crate) async fn main() -> Exit {
    let Ok(settings) = Environment::load(".env".as_ref()).settings::<StandardSettings>() else { return Exit::Misconfigured };
    let Ok(_log) = service_info!().start_or_join_log(&settings) else { return Exit::Failed };
    let Ok(listener) = tokio::net::TcpListener::bind(settings.address()).await else { return Exit::Failed };
    info!(address = %listener.local_addr().map_or_else(|_| String::new(), |address| address.to_string()), "Escuchando");
    let Ok(mut stop) = StopSignal::watch() else { return Exit::Failed };
    let server = axum::serve(listener, standardize(existente()));
    match server.with_graceful_shutdown(async move { stop.received().await }).await {
        Ok(()) => Exit::Stopped,
        Err(_) => Exit::Failed,
    }
}
