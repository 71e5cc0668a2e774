//! A service that leaves another one alone while that fails: nobody waits for what will not come, and operators see it.
//!
//! `CLIENTES_URL=http://127.0.0.1:8001 ADMIN_ADDR=127.0.0.1:9000 cargo run -p examples --bin cortacircuitos`, and then
//! `curl 127.0.0.1:8000/saldos/7` and `curl 127.0.0.1:9000/admin/circuits`.

use std::time::Duration;

use standards_axum::client::{Client, Exchange};
use standards_axum::core::resilience::{CircuitBreaker, CircuitPolicy};
use standards_axum::extract::Path;
use standards_axum::layers::{CircuitBreakerLayer, Guarded};
use standards_axum::prelude::*;
use standards_axum::{Service, url::Url};

settings! {
    /// What the service is configured with.
    struct Ajustes {
        ..standard: StandardSettings;
        /// Where the clients' service is.
        clientes_url: Url = "CLIENTES_URL", otherwise "http://127.0.0.1:8001";
    }
}

/// What a client may spend.
#[derive(Deserialize, Serialize)]
struct Saldo {
    saldo: String,
}

/// The clients' service, each attempt of whose calls passes a circuit breaker.
#[derive(Clone)]
struct Clientes(Client<Guarded<Exchange>>);

impl Clientes {
    fn new(url: Url, circuito: &CircuitBreaker) -> Result<Self, Fatal> {
        let client = Client::new("clientes", url)?.with_attempts(1);
        Ok(Self(client.layer(CircuitBreakerLayer::new(circuito.clone()))))
    }

    async fn saldo(&self, id: u32) -> Result<Saldo, Failure> {
        self.0.get(format!("/api/v1/clientes/{id}/saldo")).send().await
    }
}

/// It opens when half of the last calls failed or took a second, three at least, and asks again after five seconds, once.
fn circuito() -> CircuitBreaker {
    let policy = CircuitPolicy::default().with_minimum_calls(3).with_slow_after(Duration::from_secs(1)).with_probes(1);
    CircuitBreaker::new("clientes", policy)
}

async fn saldo(State(clientes): State<Clientes>, Path(id): Path<u32>) -> ApiResult<Saldo> {
    ok(clientes.saldo(id).await?)
}

fn servicio(ajustes: Ajustes) -> Result<Service, Fatal> {
    let circuito = circuito();
    let clientes = Clientes::new(ajustes.clientes_url, &circuito)?;
    let rutas = Router::new().route("/saldos/{id}", get(saldo)).with_state(clientes);
    // One line, and `/admin/circuits` and `/metrics` tell of it.
    Ok(Service::new(service_info!(), ajustes.standard).routes(rutas).circuit(&circuito))
}

#[tokio::main]
async fn main() -> Exit {
    serve_with(service_info!(), async |ajustes: Ajustes| servicio(ajustes)).await
}

#[cfg(test)]
#[path = "cortacircuitos/tests.rs"]
mod tests;
