//! The operations: what comes in is parsed here, and trusted behind.

use standards_axum::extract::Path;
use standards_axum::prelude::*;

use crate::errors::ProductoError;
use crate::schemas::{Producto, ProductoCrear, Venta};
use crate::services::ProductoService;

/// What a caller's token has to grant, once there is a `SECRET_KEY`; until then nobody is asked.
const READ: &str = "productos:read";
const WRITE: &str = "productos:write";

/// What the API is, before it has a state: `openapi` and `errors` print it.
pub fn api() -> ApiRouter<ProductoService> {
    let crear = Operation::post("/productos", "crear_producto").summary("Crea un producto");
    let obtener = Operation::get("/productos/{id}", "obtener_producto").summary("Muestra un producto");
    let vender = Operation::post("/productos/{id}/ventas", "vender_producto").summary("Vende un producto");
    ApiRouter::new()
        .operation(crear.tag("productos").scope(WRITE), crear_producto)
        .operation(
            obtener.tag("productos").scope(READ).error(ProductoError::PRODUCTO_NO_ENCONTRADO),
            obtener_producto,
        )
        .operation(vender.tag("productos").scope(WRITE).errors::<ProductoError>(), vender_producto)
}

async fn crear_producto(
    State(productos): State<ProductoService>,
    Json(pedido): Json<ProductoCrear>,
) -> ApiResult<Producto> {
    ok(productos.crear(pedido).await?)
}

async fn obtener_producto(
    State(productos): State<ProductoService>,
    Path(id): Path<i64>,
) -> ApiResult<Producto> {
    ok(productos.obtener(id).await?)
}

async fn vender_producto(
    State(productos): State<ProductoService>,
    Path(id): Path<i64>,
    Json(venta): Json<Venta>,
) -> ApiResult<Producto> {
    ok(productos.vender(id, venta.cantidad).await?)
}
