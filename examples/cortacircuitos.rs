//! A service that leaves another one alone while that fails: nobody waits for what will not come, what was asked before is still known, and
//! operators see it.
//!
//! `CLIENTES_URL=http://127.0.0.1:8001 ADMIN_ADDR=127.0.0.1:9000 cargo run -p examples --bin cortacircuitos`, where nobody listens on 8001:
//!
//! ```console
//! $ for id in 1 2 3 4; do curl -s -o /dev/null -w '%{http_code}\n' http://127.0.0.1:8000/saldos/$id; done
//! 503
//! 503
//! 503
//! 503
//! ```
//!
//! The fourth was not sent any more. `curl 127.0.0.1:9000/admin/circuits` tells the same, and since when.
//!
//! ```json
//! {"level": "WARNING", "message": "Cortacircuitos abierto", "context": {"circuit": "clientes", "failure_rate": 100.0}}
//! {"endpoint": "/saldos/4", "message": "Llamada fallida", "context": {"upstream": "clientes", "reason": "not_permitted", "attempts": 0}}
//! ```

use std::time::Duration;

use standards_axum::client::{Client, Exchange};
use standards_axum::core::cache::{Cache, Namespace};
use standards_axum::core::resilience::{CircuitBreaker, CircuitPolicy};
use standards_axum::extract::Path;
use standards_axum::layers::{CircuitBreakerLayer, Guarded};
use standards_axum::metrics::Metrics;
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

/// How a client is called, which seldom changes.
#[derive(Clone, Deserialize, Serialize)]
struct Nombre {
    nombre: String,
}

/// The clients' service, each attempt of whose calls passes a circuit breaker, and the names that it has told.
#[derive(Clone)]
struct Clientes {
    client: Client<Guarded<Exchange>>,
    nombres: Cache<Nombre>,
}

impl Clientes {
    fn new(url: Url, circuito: &CircuitBreaker) -> Result<Self, Fatal> {
        let client = Client::new("clientes", url)?.with_attempts(1).layer(CircuitBreakerLayer::new(circuito.clone()));
        Ok(Self { client, nombres: Cache::in_process(Namespace::new("nombre", 1)) })
    }

    /// Asked each time: what somebody may spend is never what it was a moment ago.
    async fn saldo(&self, id: u32) -> Result<Saldo, Failure> {
        self.client.get(format!("/api/v1/clientes/{id}/saldo")).send().await
    }

    /// Asked once a minute, whether or not the other service can be.
    async fn nombre(&self, id: u32) -> Result<Nombre, Failure> {
        let client = self.client.clone();
        let ask = async move || client.get(format!("/api/v1/clientes/{id}")).send().await;
        let nombre = self.nombres.get_or_load(&id, Duration::from_secs(60), ask).await?;
        Ok((*nombre).clone())
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

async fn nombre(State(clientes): State<Clientes>, Path(id): Path<u32>) -> ApiResult<Nombre> {
    ok(clientes.nombre(id).await?)
}

fn servicio(ajustes: Ajustes) -> Result<Service, Fatal> {
    let circuito = circuito();
    let clientes = Clientes::new(ajustes.clientes_url, &circuito)?;
    let metrics = Metrics::new();
    metrics.cache(&clientes.nombres);
    let rutas = Router::new().route("/saldos/{id}", get(saldo)).route("/nombres/{id}", get(nombre)).with_state(clientes);
    // One line, and `/admin/circuits` and `/metrics` tell of it.
    Ok(Service::new(service_info!(), ajustes.standard).routes(rutas).metrics(metrics).circuit(&circuito))
}

#[tokio::main]
async fn main() -> Exit {
    serve_with(service_info!(), async |ajustes: Ajustes| servicio(ajustes)).await
}

#[cfg(test)]
#[path = "cortacircuitos/tests.rs"]
mod tests;
