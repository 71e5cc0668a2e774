//! Compras, paid by a payment service that these tests play.

use axum::http::StatusCode;
use standards_axum::testing::StubUpstream;

use super::*;

/// A payment service that refuses the cliente 2; the cliente 3 waits for ever.
async fn pagos() -> StubUpstream {
    let pagar = async |axum::Json(body): axum::Json<Value>| match body["cliente_id"].as_i64() {
        Some(1) => (StatusCode::OK, axum::Json(json!({"success": true, "data": {"id": 5, "estado": "PROCESADO"}, "errors": []}))),
        Some(2) => (StatusCode::BAD_REQUEST, axum::Json(rechazo())),
        Some(3) => std::future::pending().await,
        _ => (StatusCode::OK, axum::Json(json!("no envelope"))),
    };
    StubUpstream::new(Router::new().route("/api/v1/pagos", post(pagar))).await
}

fn rechazo() -> Value {
    json!({"success": false, "data": null, "errors": [{"code": "SALDO_INSUFICIENTE", "message": "Saldo insuficiente"}]})
}

async fn con_pagos() -> (Inventario, StubUpstream) {
    let pagos = pagos().await;
    let inventario = Inventario::with(&[("PAGOS_URL", &pagos.url()), ("PAGOS_TIMEOUT_MS", "200")]).await;
    inventario.producto("ABC-0001", "Harina", "ALIMENTO").await;
    (inventario, pagos)
}

const COMPRAS: &str = "/api/v1/productos/1/compras";

fn compra(cliente_id: i64) -> Value {
    json!({"cliente_id": cliente_id, "monto": "100.5"})
}

#[tokio::test]
async fn a_purchase_is_paid_under_the_ids_of_its_request() {
    let (inventario, pagos) = con_pagos().await;
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let headers = [("x-correlation-id", "pedido-7"), ("traceparent", trace), ("accept-language", "en")];
    let paid = inventario.post(COMPRAS, &compra(1)).headers(&headers).await;
    paid.assert_data(&json!({"producto_id": 1, "pago_id": 5, "estado": "PROCESADO"}));
    let sent = pagos.only();
    sent.assert_json(&json!({"cliente_id": 1, "monto": "100.50"}));
    for (name, value) in headers {
        assert_eq!(sent.header(name), Some(value));
    }
}

#[tokio::test]
async fn a_refused_payment_is_told_by_its_code() {
    let (inventario, _pagos) = con_pagos().await;
    let told = "El pago fue rechazado: SALDO_INSUFICIENTE";
    inventario.post(COMPRAS, &compra(2)).await.assert_failure(400, "PAGO_RECHAZADO", told);
}

#[tokio::test]
async fn a_payment_service_that_does_not_answer_well_is_503() {
    let (inventario, _pagos) = con_pagos().await;
    let nobody = Inventario::with(&[("PAGOS_URL", "http://127.0.0.1:9")]).await;
    nobody.producto("ABC-0001", "Harina", "ALIMENTO").await;
    for (inventario, cliente_id) in [(&nobody, 1), (&inventario, 3), (&inventario, 4)] {
        let told = "Servicio no disponible, intente más tarde";
        inventario.post(COMPRAS, &compra(cliente_id)).await.assert_failure(503, "SERVICE_UNAVAILABLE", told);
    }
}

#[tokio::test]
async fn nothing_is_paid_for_what_is_not_there_or_not_an_amount() {
    let (inventario, pagos) = con_pagos().await;
    let absent = inventario.post("/api/v1/productos/2/compras", &compra(1)).await;
    absent.assert_failure(404, "PRODUCTO_NO_ENCONTRADO", "Producto con ID 2 no encontrado");
    let bad = inventario.post(COMPRAS, &json!({"cliente_id": 1, "monto": "0"})).await;
    bad.assert_invalid(&["monto: debe estar entre 0.01 y 99999999.99"]);
    pagos.assert_unasked();
}
