//! Productos: created, shown, sold.

use serde_json::{Value, json};

use crate::app;

const PRODUCTOS: &str = "/api/v1/productos";

fn pedido() -> Value {
    json!({"nombre": "Tornillo", "precio": "10.50", "existencias": 3})
}

#[tokio::test]
async fn un_producto_se_crea_y_se_muestra_como_se_creo() {
    let (app, _folder) = app().await;
    let expected = json!({"id": 1, "nombre": "Tornillo", "precio": "10.50", "existencias": 3});
    app.post(PRODUCTOS).json(&pedido()).await.assert_data(&expected);
    app.get("/api/v1/productos/1").await.assert_data(&expected);
}

#[tokio::test]
async fn una_venta_descuenta_existencias_y_queda_en_el_log() {
    let (app, _folder) = app().await;
    app.post(PRODUCTOS).json(&pedido()).await.assert_status(200);
    let sold = app.post("/api/v1/productos/1/ventas").json(&json!({"cantidad": 2})).await;
    assert_eq!(sold.data()["existencias"], 1);
    let context = json!({"producto_id": 1, "precio": "10.50", "existencias": 1});
    sold.assert_logged(&json!({"level": "INFO", "message": "Producto vendido", "context": context}));
}

#[tokio::test]
async fn no_se_vende_mas_de_lo_que_hay() {
    let (app, _folder) = app().await;
    app.post(PRODUCTOS).json(&pedido()).await.assert_status(200);
    let refused = app.post("/api/v1/productos/1/ventas").json(&json!({"cantidad": 4})).await;
    let told = "Existencias insuficientes. Disponibles: 3, Pedidas: 4";
    refused.assert_failure(400, "EXISTENCIAS_INSUFICIENTES", told);
    assert_eq!(refused.access_record()["level"], "WARNING");
    assert_eq!(app.get("/api/v1/productos/1").await.data()["existencias"], 3);
}

#[tokio::test]
async fn cada_campo_no_valido_se_dice_en_una_respuesta() {
    let (app, _folder) = app().await;
    let refused = app.post(PRODUCTOS).json(&json!({"nombre": "", "precio": "1e3"})).await;
    let told = [
        "precio: debe ser un número entre 0.01 y 99999999.99, con hasta 2 decimales",
        "existencias: es obligatorio",
        "nombre: debe tener un largo de entre 1 y 100",
    ];
    refused.assert_invalid(&told);
}

#[tokio::test]
async fn un_producto_que_no_existe_es_404_en_el_idioma_del_cliente() {
    let (app, _folder) = app().await;
    let absent = app.get("/api/v1/productos/7").await;
    absent.assert_failure(404, "PRODUCTO_NO_ENCONTRADO", "Producto con ID 7 no encontrado");
    let english = app.post("/api/v1/productos/7/ventas").json(&json!({"cantidad": 1})).language("en").await;
    english.assert_failure(404, "PRODUCTO_NO_ENCONTRADO", "Product with ID 7 not found");
}
