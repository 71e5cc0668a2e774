//! Productos: created, read, listed.

use super::*;

#[tokio::test]
async fn a_producto_is_created_and_read_as_it_was_created() {
    let inventario = Inventario::new().await;
    let created = inventario.post(PRODUCTOS, &pedido()).await;
    let expected = json!({
        "id": 1, "sku": "ABC-0001", "nombre": "Tornillo", "categoria": "OTRO", "etiquetas": ["acero"],
        "proveedor": {"nombre": "Acme", "email": "ventas@example.com"}, "descripcion": null, "vence": "2027-01-31", "minimo": 3,
        "stock": "0.000", "created_at": created.data()["created_at"],
    });
    created.assert_data(&expected);
    assert!(expected["created_at"].as_str().unwrap().ends_with('Z'));
    inventario.get("/api/v1/productos/1").await.assert_data(&expected);
}

#[tokio::test]
async fn a_sku_belongs_to_one_producto() {
    let inventario = Inventario::new().await;
    inventario.post(PRODUCTOS, &pedido()).await.assert_status(200);
    inventario.post(PRODUCTOS, &pedido()).await.assert_failure(409, "SKU_DUPLICADO", "El SKU ABC-0001 ya existe");
    let english = inventario.post(PRODUCTOS, &pedido()).language("en").await;
    english.assert_failure(409, "SKU_DUPLICADO", "SKU ABC-0001 already exists");
}

#[tokio::test]
async fn every_bad_field_is_told_at_once_with_what_was_expected() {
    let bad = json!({
        "sku": "abc", "nombre": "", "categoria": "OTRA", "etiquetas": ["x", ""], "proveedor": {"email": "ventas"},
        "vence": "2027-02-30", "minimo": 1_000_001,
    });
    let refused = Inventario::new().await.post(PRODUCTOS, &bad).await;
    let told = [
        "categoria: debe ser uno de: ALIMENTO, HERRAMIENTA, OTRO",
        "proveedor.nombre: es obligatorio",
        "vence: debe ser una fecha AAAA-MM-DD",
        "etiquetas[1]: debe tener un largo de entre 1 y 20",
        "minimo: debe ser menor o igual que 1000000",
        "nombre: debe tener un largo de entre 1 y 100",
        "proveedor.email: no es un correo electrónico válido",
        "sku: no tiene el formato esperado",
    ];
    refused.assert_invalid(&told);
}

#[tokio::test]
async fn a_producto_that_is_not_there_is_404_and_an_id_that_is_none_422() {
    let inventario = Inventario::new().await;
    let absent = inventario.get("/api/v1/productos/7").await;
    absent.assert_failure(404, "PRODUCTO_NO_ENCONTRADO", "Producto con ID 7 no encontrado");
    inventario.get("/api/v1/productos/0").await.assert_invalid(&["id: debe ser mayor o igual que 1"]);
    inventario.get("/api/v1/productos/x").await.assert_invalid(&["id: debe ser un número entero"]);
}

#[tokio::test]
async fn a_list_is_read_page_by_page_along_its_links() {
    let inventario = Inventario::new().await;
    for (sku, nombre, categoria) in
        [("AAA-0001", "Tornillo", "OTRO"), ("AAA-0002", "Martillo", "HERRAMIENTA"), ("AAA-0003", "Tornillo largo", "OTRO")]
    {
        inventario.producto(sku, nombre, categoria).await;
    }
    let ids =
        |answer: &TestAnswer| answer.data().as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect::<Vec<_>>();
    let link = |answer: &TestAnswer| answer.header("link").map(str::to_owned);
    let all = inventario.get(PRODUCTOS).await;
    assert_eq!((ids(&all), link(&all)), (vec![1, 2, 3], None));
    let first = inventario.get("/api/v1/productos?categoria=OTRO&buscar=Torn&limit=1").await;
    let next = "?categoria=OTRO&buscar=Torn&limit=1&after_id=1";
    assert_eq!((ids(&first), link(&first)), (vec![1], Some(format!("<{next}>; rel=\"next\""))));
    assert_eq!(first.header("x-total-count"), Some("2"));
    assert_eq!(ids(&inventario.get(&format!("{PRODUCTOS}{next}")).await), [3]);
    assert_eq!(ids(&inventario.get("/api/v1/productos?skip=1&limit=1").await), [2]);
    assert_eq!(ids(&inventario.get("/api/v1/productos?buscar=Clavo").await), [0; 0]);
}

#[tokio::test]
async fn a_query_that_is_not_right_is_refused_with_its_bounds() {
    let inventario = Inventario::new().await;
    for (query, told) in [
        ("limit=101", "limit: debe estar entre 1 y 100"),
        ("skip=-1", "skip: debe ser un número entero entre 0 y 10000"),
        ("categoria=OTRA", "categoria: debe ser uno de: ALIMENTO, HERRAMIENTA, OTRO"),
        ("buscar=", "buscar: debe tener un largo de entre 1 y 50"),
    ] {
        inventario.get(&format!("{PRODUCTOS}?{query}")).await.assert_invalid(&[told]);
    }
}
