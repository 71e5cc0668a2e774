//! A limit around an axum service that knows nothing of the standard: each client may ask twice a second, and five times at once.
//!
//! `RATE_LIMIT=100/500 TRUSTED_PROXIES=10.0.0.0/8 cargo run -p examples --bin limites`

use std::error::Error;
use std::net::SocketAddr;

use standards_axum::TrustedProxies;
use standards_axum::extract::ClientAddress;
use standards_axum::layers::{Rate, RateLimitLayer, TrustedProxiesLayer};
use standards_axum::prelude::*;
use tokio::net::TcpListener;

settings! {
    /// Whom the service serves, and how often.
    struct Ajustes {
        /// Requests a second that each address may make, and how many at once.
        limite: Rate = "RATE_LIMIT", otherwise "2/5";
        /// Networks of proxies that are believed.
        proxies: TrustedProxies = "TRUSTED_PROXIES", otherwise "";
    }
}

async fn saludar(cliente: ClientAddress) -> String {
    format!("Hola, {}", cliente.ip())
}

/// The layer that is added last stands outside: it finds out whom a request is from before it is counted.
fn rutas(ajustes: Ajustes) -> Router {
    Router::new()
        .route("/", get(saludar))
        .layer(RateLimitLayer::new(ajustes.limite))
        .layer(TrustedProxiesLayer::new(ajustes.proxies))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:8000").await?;
    // Without this the layers do not know whom a connection is with, and would count all requests together.
    let rutas = rutas(Ajustes::load()?).into_make_service_with_connect_info::<SocketAddr>();
    Ok(axum::serve(listener, rutas).await?)
}

#[cfg(test)]
#[path = "limites/tests.rs"]
mod tests;
