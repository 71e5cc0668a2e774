//! A limit around an axum service that knows nothing of the standard: each client may ask twice a second, and five times at once.
//!
//! `cargo run -p examples --bin limites`; behind a proxy `RATE_LIMIT=100/500 TRUSTED_PROXIES=10.0.0.0/8` before it.
//!
//! ```console
//! $ curl -s -w '\n' 'http://127.0.0.1:8000/?[1-6]'
//! Hola, 127.0.0.1
//! Hola, 127.0.0.1
//! Hola, 127.0.0.1
//! Hola, 127.0.0.1
//! Hola, 127.0.0.1
//! {"success":false,"data":null,"errors":[{"code":"HTTP_ERROR","message":"Demasiadas solicitudes"}]}
//! ```

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
        /// Port to listen on.
        puerto: u16 = "PORT", otherwise "8000";
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
    let ajustes = Ajustes::load()?;
    let listener = TcpListener::bind(("127.0.0.1", ajustes.puerto)).await?;
    // Without this the layers do not know whom a connection is with, and would count all requests together.
    let rutas = rutas(ajustes).into_make_service_with_connect_info::<SocketAddr>();
    Ok(axum::serve(listener, rutas).await?)
}

#[cfg(test)]
#[path = "limites/tests.rs"]
mod tests;
