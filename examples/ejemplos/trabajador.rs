//! A worker without HTTP: it takes messages from a queue, each under the id that came with it, and answers for what fails in its log.
//!
//! ```console
//! $ cargo run -q -p examples --bin ejemplos -- trabajador
//! ```
//!
//! ```json
//! {"level": "INFO", "correlation_id": "pedido-7", "endpoint": "cola/avisos", "method": "avisar", "message": "Aviso enviado", "context": {"cliente_id": 7}}
//! {"level": "WARNING", "correlation_id": "pedido-8", "message": "El cliente 8 no quiere avisos", "context": {"cliente_id": 8}}
//! {"level": "ERROR", "correlation_id": "pedido-9", "context": {"cliente_id": 9}, "error": {"error_code": "SERVICE_UNAVAILABLE"}}
//! ```

use standards_axum::core::log::Record;
use standards_axum::core::settings::Environment;
use standards_axum::core::{CorrelationId, RequestContext, context};
use standards_axum::prelude::*;
use tokio::sync::mpsc;

error_catalogue! {
    /// Why an aviso is not sent.
    pub enum AvisoError {
        /// The cliente asked for none.
        NoDeseado { cliente_id: i64 } => 409, AVISO_NO_DESEADO, "El cliente {cliente_id} no quiere avisos";
    }
}

/// A message as the queue has it.
struct Aviso {
    correlation_id: CorrelationId,
    cliente_id: i64,
}

async fn avisar(cliente_id: i64) -> Result<(), Failure> {
    match cliente_id {
        8 => Err(AvisoError::NoDeseado { cliente_id })?,
        9 => Err(Failure::unavailable("no route to the mail server")),
        _ => {
            info!(cliente_id, "Aviso enviado");
            Ok(())
        }
    }
}

/// One message: whatever becomes of it is told once, under its id.
async fn atender(Aviso { correlation_id, cliente_id }: Aviso) {
    let request = RequestContext::new(correlation_id, "cola/avisos", "CONSUME");
    request.set_operation("avisar");
    context::scope(request, async {
        if let Err(failure) = avisar(cliente_id).await {
            Record::new(failure.level(), failure.message()).field("cliente_id", cliente_id).failure(&failure).emit();
        }
    })
    .await;
}

pub(crate) async fn main() -> Exit {
    let Ok(settings) = Environment::load(".env".as_ref()).settings::<StandardSettings>() else { return Exit::Misconfigured };
    let Ok(_log) = service_info!().start_or_join_log(&settings) else { return Exit::Failed };
    let (cola, mut avisos) = mpsc::channel(8);
    for (id, cliente_id) in [("pedido-7", 7), ("pedido-8", 8), ("pedido-9", 9)] {
        let correlation_id = CorrelationId::parse(id).unwrap_or_else(CorrelationId::generate);
        let _ = cola.send(Aviso { correlation_id, cliente_id }).await;
    }
    drop(cola);
    while let Some(aviso) = avisos.recv().await {
        atender(aviso).await;
    }
    Exit::Stopped
}
