//! The operations.

use standards_axum::core::context;
use standards_axum::core::idempotency::Keyed;
use standards_axum::extract::{Page, PageLinks, PathParams};
use standards_axum::prelude::*;

use crate::errors::{CompraError, MovimientoError, ProductoError};
use crate::schemas::{Compra, CompraCrear, Filtro, Movimiento, MovimientoCrear, Producto, ProductoCrear, ProductoPath};
use crate::{Estado, store};

type Pagina = Page<20, 100>;

/// What the API is, before it has a state: `openapi` and `errors` print it.
pub(crate) fn api() -> ApiRouter<Estado> {
    let crear = Operation::post("/productos", "crear_producto").summary("Crea un producto").error(ProductoError::SKU_DUPLICADO);
    let listar = Operation::get("/productos", "listar_productos").summary("Lista productos");
    let obtener = Operation::get("/productos/{id}", "obtener_producto").error(ProductoError::PRODUCTO_NO_ENCONTRADO);
    let mover = Operation::post("/movimientos", "registrar_movimiento").errors::<MovimientoError>();
    let comprar = Operation::post("/productos/{id}/compras", "comprar").error(ProductoError::PRODUCTO_NO_ENCONTRADO);
    ApiRouter::new()
        .operation(crear.tag("productos"), crear_producto)
        .operation(listar.tag("productos"), listar_productos)
        .operation(obtener.tag("productos"), obtener_producto)
        .operation(mover.tag("movimientos"), registrar_movimiento)
        .operation(comprar.tag("compras").errors::<CompraError>(), self::comprar)
}

async fn crear_producto(State(estado): State<Estado>, Json(pedido): Json<ProductoCrear>) -> ApiResult<Producto> {
    info!(sku = pedido.sku, "Creando producto");
    let producto = store::crear(&estado.pool, pedido).await?;
    info!(producto_id = producto.id, sku = producto.sku, "Producto creado");
    ok(producto)
}

async fn listar_productos(
    State(estado): State<Estado>,
    links: PageLinks,
    Query(filtro): Query<Filtro>,
    Query(pagina): Query<Pagina>,
) -> ApiResult<Vec<Producto>> {
    let productos = store::listar(&estado.pool, &filtro, pagina).await?;
    let total = store::contar(&estado.pool, &filtro).await?;
    Ok(links.with_total(total).by_id(pagina, productos, |producto| producto.id))
}

async fn obtener_producto(
    State(estado): State<Estado>,
    PathParams(ProductoPath { id }): PathParams<ProductoPath>,
) -> ApiResult<Producto> {
    ok(store::obtener(&estado.pool, id).await?)
}

async fn registrar_movimiento(
    State(estado): State<Estado>,
    clave: Option<IdempotencyKey>,
    Json(pedido): Json<MovimientoCrear>,
) -> ApiResult<Movimiento> {
    info!(producto_id = pedido.producto_id, cantidad = %pedido.cantidad, "Registrando movimiento");
    let mover = async |mut tx: store::Transaccion, pedido| store::mover(&mut tx, pedido).await;
    let hecho = estado.idempotencia.once(clave, pedido, mover).await?;
    if let Keyed::Fresh(Ok(movimiento)) = &hecho {
        avisar(movimiento);
    }
    hecho.into_reply()
}

/// Tells of a movimiento that was made now, while the client has its answer.
fn avisar(movimiento: &Movimiento) {
    let &Movimiento { id, producto_id, stock, .. } = movimiento;
    context::spawn(async move { info!(movimiento_id = id, producto_id, %stock, "Movimiento avisado") });
}

async fn comprar(
    State(estado): State<Estado>,
    PathParams(ProductoPath { id }): PathParams<ProductoPath>,
    Json(pedido): Json<CompraCrear>,
) -> ApiResult<Compra> {
    store::obtener(&estado.pool, id).await?;
    info!(producto_id = id, monto = %pedido.monto, "Pidiendo pago");
    let pago = estado.pagos.pagar(&pedido).await?;
    info!(producto_id = id, pago_id = pago.id, "Compra pagada");
    ok(Compra { producto_id: id, pago_id: pago.id, estado: pago.estado })
}
