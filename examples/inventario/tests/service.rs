//! What stands around the operations.

use super::*;

/// Lines that are neither empty nor a comment.
fn lines_of(source: &str) -> usize {
    source.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")).count()
}

#[test]
fn sixty_lines_of_infrastructure_are_enough() {
    let lines = lines_of(include_str!("../main.rs"));
    assert!(lines <= 60, "{lines}");
}

#[tokio::test]
async fn it_is_ready_while_its_database_answers() {
    assert_eq!(Inventario::new().await.get("/health/ready").await.status(), 200);
    let inventario = Inventario::new().await;
    inventario.pool.close().await;
    assert_eq!(inventario.get("/health/ready").await.status(), 503);
    assert_eq!(inventario.get("/health/live").await.status(), 200);
    inventario.get(PRODUCTOS).await.assert_failure(503, "SERVICE_UNAVAILABLE", "Servicio no disponible, intente más tarde");
}

#[tokio::test]
async fn its_document_names_each_operation_with_its_failures() {
    let document = Inventario::new().await.get("/api/v1/openapi.json").await.json();
    let paths = &document["paths"];
    let movimientos = &paths["/api/v1/movimientos"]["post"];
    assert_eq!(movimientos["operationId"], "registrar_movimiento");
    assert_eq!(movimientos["parameters"][0]["name"], "Idempotency-Key");
    assert!(movimientos["responses"]["400"]["description"].as_str().unwrap().contains("STOCK_INSUFICIENTE"));
    let named: Vec<_> = paths["/api/v1/productos"]["get"]["parameters"].as_array().unwrap().iter().map(|p| &p["name"]).collect();
    assert_eq!(named, ["categoria", "buscar", "skip", "limit", "after_id"]);
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["ProductoCrear"]["properties"]["sku"]["pattern"], "^[A-Z]{3}-[0-9]{4}$");
    assert_eq!(schemas["Categoria"]["enum"], json!(["ALIMENTO", "HERRAMIENTA", "OTRO"]));
}

#[test]
fn its_document_states_nothing_that_is_not_enforced() {
    assert_eq!(api::api().unenforced_bounds(), [""; 0]);
}
