//! The reference service, without its socket.

use axum::Router;
use reference_pago_service::app;
use reference_pago_service::config::ServiceSettings;
use standards_core::settings::Environment;

use crate::Outcome;
use crate::saludos::ask;

const PAGOS: &str = "/api/v1/pagos";

/// Pays so many times.
pub(crate) async fn pay(times: u32) -> Outcome {
    let router = with_ana().await?;
    for _ in 0..times {
        ask(&router, PAGOS, r#"{"cliente_id":1,"monto":"1.50","moneda":"CLP"}"#, 200).await?;
    }
    Ok(())
}

/// Asks so many times for more than there is.
pub(crate) async fn be_refused(times: u32) -> Outcome {
    let router = with_ana().await?;
    for _ in 0..times {
        ask(&router, PAGOS, r#"{"cliente_id":1,"monto":"90000000.00","moneda":"CLP"}"#, 400).await?;
    }
    Ok(())
}

/// The service with one cliente, on a new SQLite file.
async fn with_ana() -> Result<Router, Box<dyn std::error::Error + Send + Sync>> {
    let settings: ServiceSettings = Environment::from_pairs([("DATABASE_URL", "sqlite://pagos.db?mode=rwc")]).settings()?;
    let router = app::start(settings).await?.into_router();
    ask(&router, "/api/v1/clientes", r#"{"nombre":"Ana","email":"ana@example.com","saldo":"1000000.00"}"#, 200).await?;
    Ok(router)
}
