//! Logs as many lines as it is told, on behalf of a request, as a service does: `cargo run -p standards-core --example log_lines 3`.

use std::time::Duration;

use standards_core::log::{self, LogOptions};
use standards_core::{CorrelationId, RequestContext, context};
use tracing::info;

/// Longer than a line waits to be written, so that each one goes the whole way by itself.
const PAUSE: Duration = Duration::from_millis(12);

fn main() -> Result<(), log::InitError> {
    let lines = std::env::args().nth(1).and_then(|lines| lines.parse().ok()).unwrap_or(1);
    let _log = log::init(&LogOptions::new("ms-pago-service", "1.2.3").with_own_crate("log_lines"))?;
    let request = RequestContext::new(CorrelationId::generate(), "/api/v1/pagos", "POST");
    request.set_operation("procesar_pago");
    context::sync_scope(request, || (0..lines).for_each(log_line));
    Ok(())
}

/// The guideline's sample event.
fn log_line(pago_id: u64) {
    info!(cliente_id = 123, pago_id, monto = "100.50", moneda = "CLP", "Pago procesado exitosamente");
    std::thread::sleep(PAUSE);
}
