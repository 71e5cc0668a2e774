//! One operation of each kind, as often as it is told: `instructions payment 200`.
//!
//! `scripts/instructions` counts the instructions of a run with so many operations and of one with twice as many; the difference is
//! what the operations cost. So everything here is the same each time: one thread of Tokio's, one request after the other, a log that
//! is written and thrown away, SQLite in the working directory.

mod pagos;
mod saludos;

use std::hint::black_box;

use standards_core::log::{Line, LineSink, LogOptions, RecordLayer};
use standards_core::{CorrelationId, RequestContext, context};
use tracing::info;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// Takes each line, and forgets it.
struct Discard;

impl LineSink for Discard {
    fn write(&self, line: Line<'_>) {
        black_box(line.bytes);
    }
}

fn main() -> Outcome {
    let mut arguments = std::env::args().skip(1);
    let operation = arguments.next().unwrap_or_default();
    let times = arguments.next().unwrap_or_default().parse()?;
    let options = LogOptions::new("instructions", "1.2.3").with_own_crate("reference_pago_service");
    tracing_subscriber::registry().with(RecordLayer::new(&options, Discard)).init();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match operation.as_str() {
        "log" => log_lines(times),
        "request" => runtime.block_on(saludos::greet(times))?,
        "bare" => runtime.block_on(saludos::greet_barely(times))?,
        "payment" => runtime.block_on(pagos::pay(times))?,
        "refusal" => runtime.block_on(pagos::be_refused(times))?,
        _ => return Err("instructions (log|request|bare|payment|refusal) TIMES".into()),
    }
    Ok(())
}

/// The guideline's sample event, on behalf of a request.
fn log_lines(times: u32) {
    let request = RequestContext::new(CorrelationId::generate(), "/api/v1/pagos", "POST");
    request.set_operation("procesar_pago");
    context::sync_scope(request, || {
        for _ in 0..times {
            let (cliente_id, pago_id, monto) = (black_box(123), black_box(456), black_box("100.50"));
            info!(cliente_id, pago_id, monto, moneda = "CLP", "Pago procesado exitosamente");
        }
    });
}
