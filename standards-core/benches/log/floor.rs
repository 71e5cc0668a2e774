//! The floor: `serde_json` writes the same record from a struct whose texts stand ready.

use std::hint::black_box;

use serde::Serialize;

use crate::contenders::EVENTS;

#[derive(Serialize)]
struct Record<'a> {
    #[serde(rename = "@timestamp")]
    timestamp: &'a str,
    level: &'a str,
    artifact: &'a str,
    version: &'a str,
    correlation_id: &'a str,
    endpoint: &'a str,
    method: &'a str,
    message: &'a str,
    context: Context<'a>,
}

#[derive(Serialize)]
struct Context<'a> {
    cliente_id: i64,
    pago_id: i64,
    monto: &'a str,
    moneda: &'a str,
}

pub(crate) fn work() -> impl FnMut() {
    let mut line = Vec::with_capacity(1024);
    move || {
        for _ in 0..EVENTS {
            line.clear();
            serde_json::to_writer(&mut line, &black_box(sample())).expect("a vector takes all");
            line.push(b'\n');
            black_box(&line);
        }
    }
}

const fn sample() -> Record<'static> {
    Record {
        timestamp: "2025-07-04T10:30:45.123Z",
        level: "INFO",
        artifact: "ms-pago-service",
        version: "1.2.3",
        correlation_id: "abc-123-def-456",
        endpoint: "/api/v1/pagos",
        method: "procesar_pago",
        message: "Pago procesado exitosamente",
        context: Context { cliente_id: 123, pago_id: 456, monto: "100.50", moneda: "CLP" },
    }
}
