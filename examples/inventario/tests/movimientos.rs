//! Movimientos: once each, whatever is sent again.

use super::*;

fn entrada(id: i64, cantidad: &str) -> Value {
    json!({"producto_id": id, "tipo": "ENTRADA", "cantidad": cantidad, "fecha": "2026-01-02"})
}

fn salida(id: i64, cantidad: &str) -> Value {
    json!({"producto_id": id, "tipo": "SALIDA", "cantidad": cantidad, "fecha": "2026-01-03", "motivo": "venta"})
}

async fn under_key(inventario: &Inventario, key: &str, body: &Value) -> TestAnswer {
    inventario.post(MOVIMIENTOS, body).idempotency_key(key).await
}

#[tokio::test]
async fn what_comes_and_goes_is_reckoned_in_thousandths() {
    let inventario = Inventario::new().await;
    let id = inventario.producto("ABC-0001", "Harina", "ALIMENTO").await;
    let came = inventario.post(MOVIMIENTOS, &entrada(id, "2.5")).await;
    let expected =
        json!({"id": 1, "producto_id": id, "tipo": "ENTRADA", "cantidad": "2.500", "fecha": "2026-01-02", "stock": "2.500"});
    came.assert_data(&expected);
    assert_eq!(inventario.post(MOVIMIENTOS, &salida(id, "0.001")).await.data()["stock"], "2.499");
    assert_eq!(inventario.stock(id).await, "2.499");
}

#[tokio::test]
async fn what_is_sent_again_under_its_key_is_done_once() {
    let inventario = Inventario::new().await;
    let id = inventario.producto("ABC-0001", "Harina", "ALIMENTO").await;
    let first = under_key(&inventario, "k", &entrada(id, "2")).await;
    let again = under_key(&inventario, "k", &entrada(id, "2")).await;
    again.assert_data(&first.data());
    assert!(again.is_replay() && !first.is_replay());
    let other = under_key(&inventario, "k", &entrada(id, "3")).await;
    other.assert_failure(422, "IDEMPOTENCY_KEY_REUTILIZADA", "La Idempotency-Key ya se usó con otra solicitud");
    assert_eq!(inventario.stock(id).await, "2.000");
    under_key(&inventario, "otra", &entrada(id, "2")).await.assert_status(200);
    inventario.post(MOVIMIENTOS, &entrada(id, "2")).await.assert_status(200);
    assert_eq!(inventario.stock(id).await, "6.000");
}

#[tokio::test]
async fn a_refusal_is_an_outcome_too() {
    let inventario = Inventario::new().await;
    let id = inventario.producto("ABC-0001", "Harina", "ALIMENTO").await;
    inventario.post(MOVIMIENTOS, &entrada(id, "1")).await.assert_status(200);
    let told = "Stock insuficiente. Disponible: 1.000, Pedido: 1.001";
    under_key(&inventario, "k", &salida(id, "1.001")).await.assert_failure(400, "STOCK_INSUFICIENTE", told);
    inventario.post(MOVIMIENTOS, &entrada(id, "9")).await.assert_status(200);
    let again = under_key(&inventario, "k", &salida(id, "1.001")).await;
    again.assert_failure(400, "STOCK_INSUFICIENTE", told);
    assert!(again.is_replay());
    assert_eq!(inventario.stock(id).await, "10.000");
}

#[tokio::test]
async fn what_cannot_be_counted_is_refused() {
    let inventario = Inventario::new().await;
    let told = "Producto con ID 9 no encontrado";
    inventario.post(MOVIMIENTOS, &entrada(9, "1")).await.assert_failure(400, "PRODUCTO_NO_ENCONTRADO", told);
    let id = inventario.producto("ABC-0001", "Harina", "ALIMENTO").await;
    sqlx::query("update productos set stock = 999999999999").execute(&inventario.pool).await.unwrap();
    let told = "El stock no puede pasar de 999999999.999";
    inventario.post(MOVIMIENTOS, &entrada(id, "0.001")).await.assert_failure(400, "STOCK_EXCEDIDO", told);
}

#[tokio::test]
async fn quantities_dates_and_kinds_are_refused_with_what_was_expected() {
    let inventario = Inventario::new().await;
    let between = "cantidad: debe estar entre 0.001 y 999999.999";
    let decimal = "cantidad: debe ser un número entre 0.001 y 999999.999, con hasta 3 decimales";
    for (field, value, told) in [
        ("cantidad", "0", between),
        ("cantidad", "1000000", between),
        ("cantidad", "1.2345", decimal),
        ("cantidad", "mil", decimal),
        ("fecha", "2026-02-30", "fecha: debe ser una fecha AAAA-MM-DD"),
        ("fecha", "02/01/2026", "fecha: debe ser una fecha AAAA-MM-DD"),
        ("tipo", "entrada", "tipo: debe ser uno de: ENTRADA, SALIDA"),
    ] {
        let mut body = entrada(1, "1");
        body[field] = json!(value);
        inventario.post(MOVIMIENTOS, &body).await.assert_invalid(&[told]);
    }
}

#[tokio::test]
async fn old_keys_are_deleted_while_it_serves() {
    let inventario = Inventario::with(&[("IDEMPOTENCY_TTL_HOURS", "0.00001")]).await;
    let id = inventario.producto("ABC-0001", "Harina", "ALIMENTO").await;
    under_key(&inventario, "k", &entrada(id, "2")).await.assert_status(200);
    let deleted = async {
        while sqlx::query_scalar::<_, i64>("select count(*) from idempotencia").fetch_one(&inventario.pool).await.unwrap() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), deleted).await.unwrap();
}
