//! The two tests of the guideline (section 7, "Ejemplo de Test"), replayed word for word.

use serde_json::{Value, json};
use standards_axum::testing::TestAnswer;

use crate::support::http::{Api, PAGOS};
use crate::support::{Fixture, on_both_engines};

on_both_engines!(test_procesar_pago_exitoso, test_cliente_no_encontrado);

/// The guideline's `client` fixture: it has a cliente 1 with enough saldo, and no cliente 999.
async fn client(fixture: &Fixture) -> Api {
    assert_eq!(fixture.created("ana@example.com", "1000.00").await.id.get(), 1);
    Api::over(fixture).await
}

fn response_json(response: &TestAnswer) -> Value {
    assert_eq!(response.headers()["content-type"], "application/json");
    response.json()
}

async fn test_procesar_pago_exitoso(fixture: Fixture) {
    let client = client(&fixture).await;

    // Arrange
    let pago_data = json!({
        "cliente_id": 1,
        "monto": "100.50",
        "moneda": "CLP"
    });

    // Act
    let response = client.post(PAGOS, pago_data.to_string()).await;

    // Assert
    assert_eq!(response.status(), 200);
    let data = response_json(&response);
    assert_eq!(data["success"], true);
    assert_eq!(data["data"]["monto"], "100.50");
    assert_eq!(data["errors"], json!([]));
}

async fn test_cliente_no_encontrado(fixture: Fixture) {
    let client = client(&fixture).await;

    // Arrange
    let pago_data = json!({
        "cliente_id": 999,
        "monto": "100.50",
        "moneda": "CLP"
    });

    // Act
    let response = client.post(PAGOS, pago_data.to_string()).await;

    // Assert
    assert_eq!(response.status(), 400);
    let data = response_json(&response);
    assert_eq!(data["success"], false);
    assert_eq!(data["errors"][0]["code"], "CLIENTE_NO_ENCONTRADO");
}
