//! What the log of a payment comes to: its three records, as the reference service writes them.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use standards_core::log::{Line, LineSink, LogLevel, LogOptions, Record, RecordLayer};
use standards_core::{CorrelationId, RequestContext, context};
use tracing::{dispatcher, info};
use tracing_subscriber::layer::SubscriberExt;

/// The lengths of all lines.
#[derive(Clone, Default)]
struct Counted(Arc<AtomicUsize>);

impl LineSink for Counted {
    fn write(&self, line: Line<'_>) {
        self.0.fetch_add(line.bytes.len(), Ordering::Relaxed);
    }
}

/// The bytes that a payment's records have, line feeds included.
#[expect(clippy::cast_precision_loss, reason = "a thousand")]
pub(crate) fn bytes() -> f64 {
    let counted = Counted::default();
    let layer = RecordLayer::new(&LogOptions::new("ms-pago-service", "1.2.3").with_own_crate("log"), counted.clone());
    let request = RequestContext::new(CorrelationId::generate(), "/api/v1/pagos", "POST");
    request.set_operation("procesar_pago");
    dispatcher::with_default(&tracing_subscriber::registry().with(layer).into(), || context::sync_scope(request, pay));
    counted.0.load(Ordering::Relaxed) as f64
}

fn pay() {
    let (cliente_id, pago_id, monto, nuevo_saldo) = (black_box(123), black_box(456), black_box("100.50"), black_box("899.50"));
    info!(cliente_id, monto, moneda = "CLP", "Iniciando procesamiento de pago");
    info!(cliente_id, pago_id, monto, moneda = "CLP", nuevo_saldo, "Pago procesado exitosamente");
    Record::new(LogLevel::Info, "Solicitud atendida")
        .target("standards::access")
        .field("status", 200_u16)
        .field("duration_ms", 1.234)
        .field("http_method", "POST")
        .field("route", "/api/v1/pagos")
        .emit();
}
