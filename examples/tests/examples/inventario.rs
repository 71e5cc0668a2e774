//! The service with a database of its own, as a process.

use crate::process::{Process, run};

const INVENTARIO: &str = env!("CARGO_BIN_EXE_inventario");
const PRODUCTO: &str = r#"{"sku":"ABC-0001","nombre":"Harina","categoria":"ALIMENTO","proveedor":{"nombre":"Acme"},"minimo":3}"#;
const MOVIMIENTO: &str = r#"{"producto_id":1,"tipo":"ENTRADA","cantidad":"2.5","fecha":"2026-01-02"}"#;

/// A movimiento under the key `k`.
fn keyed(path: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nIdempotency-Key: k\r\nX-Correlation-ID: pedido-7\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

#[test]
fn what_was_done_under_a_key_is_known_after_the_next_start() {
    let directory = tempfile::tempdir().unwrap();
    let variables = [("DATABASE_URL", format!("sqlite://{}", directory.path().join("inventario.db").display()))];
    let inventario = Process::start(INVENTARIO, &variables);
    assert_eq!(inventario.post("/api/v1/productos", "application/json", PRODUCTO).status, 200);
    let first = inventario.send(&keyed("/api/v1/movimientos", MOVIMIENTO));
    assert_eq!(first.status, 200, "{}", first.body);
    let (status, records, errors) = inventario.stop();
    assert_eq!((status, errors.as_str()), (Some(0), ""));
    assert!(records.iter().all(|record| record["artifact"] == "ms-inventario"));
    let told = records.iter().find(|record| record["message"] == "Movimiento avisado").expect("a record of the task");
    assert_eq!((told["correlation_id"].as_str(), told["context"]["stock"].as_str()), (Some("pedido-7"), Some("2.500")));
    let inventario = Process::start(INVENTARIO, &variables);
    let again = inventario.send(&keyed("/api/v1/movimientos", MOVIMIENTO));
    assert_eq!((again.status, &again.body), (200, &first.body));
    assert!(again.head.contains("idempotent-replayed: true"));
    assert!(inventario.get("/api/v1/productos/1").body.contains(r#""stock":"2.500""#));
    let (_, records, _) = inventario.stop();
    assert!(!records.iter().any(|record| record["message"] == "Movimiento avisado"), "{records:#?}");
}

#[test]
fn it_says_what_it_is() {
    let asked = |arguments: &[&str]| run(INVENTARIO, arguments, &[("", ""); 0]);
    let (status, described, _) = asked(&["config", "describe"]);
    assert_eq!(status, Some(0));
    assert!(described.contains("| `PAGOS_TIMEOUT_MS` | `2000` |"), "{described}");
    assert!(asked(&["errors"]).1.contains("| 400 | `STOCK_INSUFICIENTE` |"));
    assert!(asked(&["openapi"]).1.contains("\"operationId\": \"comprar\""));
}

#[test]
fn a_database_that_cannot_be_opened_ends_the_start_with_one_record() {
    let (status, log, errors) = run(INVENTARIO, &[], &[("DATABASE_URL", "sqlite:///no/such/directory/inventario.db")]);
    assert_eq!((status, log.lines().count(), errors.as_str()), (Some(1), 1, ""), "{log}");
    assert!(log.contains("El servicio no pudo iniciar"), "{log}");
}
