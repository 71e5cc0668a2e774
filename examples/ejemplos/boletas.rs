//! A second service, without a database of its own: it has the payment service charge, and one id stands in the logs of both.
//!
//! `cargo run -p reference-pago-service` beside it, with a cliente 1 that has some money, and
//! `PORT=8001 PAGOS_URL=http://127.0.0.1:8000 cargo run -p examples --bin ejemplos -- boletas`
//!
//! ```console
//! $ curl -s http://127.0.0.1:8001/boletas -H 'X-Correlation-ID: boleta-7' -H 'Content-Type: application/json' -d '{"cliente_id": 1, "monto": "100.50"}'
//! {"success":true,"data":"Boleta del pago 1","errors":[]}
//! $ curl -s http://127.0.0.1:8001/boletas -H 'X-Correlation-ID: boleta-8' -H 'Content-Type: application/json' -d '{"cliente_id": 1, "monto": "5000.00"}'
//! {"success":false,"data":null,"errors":[{"code":"PAGO_RECHAZADO","message":"El pago fue rechazado: SALDO_INSUFICIENTE"}]}
//! ```
//!
//! ```json
//! {"level": "INFO", "correlation_id": "boleta-7", "message": "Emitiendo boleta"}
//! {"artifact": "reference-pago-service", "correlation_id": "boleta-7", "message": "Pago procesado exitosamente", "context": {"monto": "100.50"}}
//! {"level": "WARNING", "correlation_id": "boleta-8", "context": {"error_code": "PAGO_RECHAZADO"}}
//! {"artifact": "reference-pago-service", "level": "WARNING", "correlation_id": "boleta-8", "context": {"error_code": "SALDO_INSUFICIENTE"}}
//! ```

use standards_axum::Service;
use standards_axum::client::{Client, Reason, UpstreamError};
use standards_axum::core::FixedDecimal;
use standards_axum::prelude::*;
use standards_axum::url::Url;

settings! {
    /// What the service is configured with.
    pub struct Ajustes {
        ..standard: StandardSettings;
        /// Where the payment service is.
        pagos_url: Url = "PAGOS_URL", otherwise "http://127.0.0.1:8000";
    }
}

error_catalogue! {
    /// Why there is no boleta.
    pub enum BoletaError {
        /// The payment service refused.
        PagoRechazado { codigo: String } => 400, PAGO_RECHAZADO, "El pago fue rechazado: {codigo}", en "The payment was refused: {codigo}";
    }
}

#[derive(Serialize, Deserialize, Validate)]
struct Cobro {
    #[garde(range(min = 1))]
    cliente_id: i64,
    #[garde(skip)]
    monto: FixedDecimal<2, 1, 9_999_999_999>,
}

#[derive(Deserialize)]
struct Pago {
    id: i64,
}

async fn emitir(State(pagos): State<Client>, Json(cobro): Json<Cobro>) -> ApiResult<String> {
    info!(cliente_id = cobro.cliente_id, monto = %cobro.monto, "Emitiendo boleta");
    let pago: Pago = pagos.post("/api/v1/pagos").json(&cobro).send().await.map_err(rechazado)?;
    ok(format!("Boleta del pago {}", pago.id))
}

/// A refusal of the payment service is one of this service's own; anything else stays what it is.
fn rechazado(failure: Failure) -> Failure {
    match UpstreamError::of(&failure) {
        Some(error) if error.reason() == Reason::Refused => {
            BoletaError::PagoRechazado { codigo: failure.entry().code.to_owned() }.into()
        }
        _ => failure,
    }
}

async fn servicio(ajustes: Ajustes) -> Result<Service, Fatal> {
    let routes = Router::new().route("/boletas", post(emitir)).with_state(Client::new("pagos", ajustes.pagos_url)?);
    Ok(Service::new(service_info!(), ajustes.standard).routes(routes))
}

pub(crate) async fn main() -> Exit {
    serve_with(service_info!(), servicio).await
}
