//! One id in every record of a request: of its handler, of a task that goes on after the answer, and of a call to another service.
//!
//! `cargo run -p examples --bin ejemplos -- correlacion` (it calls itself in the place of another service)
//!
//! ```console
//! $ curl -s http://127.0.0.1:8000/pedidos/7 -H 'X-Correlation-ID: pedido-7'
//! {"success":true,"data":"despachado por 12.50","errors":[]}
//! ```
//!
//! ```json
//! {"level": "INFO", "correlation_id": "pedido-7", "message": "Despachando pedido", "context": {"pedido_id": 7}}
//! {"level": "INFO", "correlation_id": "pedido-7", "message": "Calculando tarifa", "endpoint": "/tarifa"}
//! {"level": "INFO", "correlation_id": "pedido-7", "context": {"pedido_id": 7, "upstream": "tarifas", "upstream_status": 200}}
//! {"level": "INFO", "correlation_id": "pedido-7", "message": "Cliente avisado", "context": {"pedido_id": 7}}
//! ```

use standards_axum::client::Client;
use standards_axum::core::context;
use standards_axum::extract::Path;
use standards_axum::prelude::*;
use standards_axum::{Service, url::Url};

settings! {
    /// What the service is configured with.
    pub struct Ajustes {
        ..standard: StandardSettings;
        /// Where the other service is.
        tarifas_url: Url = "TARIFAS_URL", otherwise "http://127.0.0.1:8000";
    }
}

async fn despachar(State(tarifas): State<Client>, Path(pedido_id): Path<i64>) -> ApiResult<String> {
    // Stands in every record of the request from here on.
    context::add("pedido_id", pedido_id);
    info!("Despachando pedido");
    let tarifa: String = tarifas.get("/tarifa").send().await?;
    // Not tokio::spawn, which would lose the id. The end of the service waits for it.
    context::spawn(async { info!("Cliente avisado") });
    ok(format!("despachado por {tarifa}"))
}

async fn tarifa() -> ApiResult<String> {
    info!("Calculando tarifa");
    ok("12.50".to_owned())
}

async fn servicio(ajustes: Ajustes) -> Result<Service, Fatal> {
    let routes = Router::new().route("/pedidos/{id}", get(despachar)).route("/tarifa", get(tarifa));
    let tarifas = Client::new("tarifas", ajustes.tarifas_url)?;
    Ok(Service::new(service_info!(), ajustes.standard).routes(routes.with_state(tarifas)))
}

pub(crate) async fn main() -> Exit {
    serve_with(service_info!(), servicio).await
}
