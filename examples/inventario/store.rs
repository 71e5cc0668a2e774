//! Where productos and movimientos are kept.

use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::types::Json;
use sqlx::{Row, Sqlite, SqliteConnection};
use standards_axum::core::idempotency::sql::LentTransaction;
use standards_axum::core::{Failure, Timestamp};
use standards_axum::extract::Page;

use crate::errors::{MovimientoError, ProductoError};
use crate::schemas::{Cantidad, Filtro, Movimiento, MovimientoCrear, Producto, ProductoCrear, Stock, Tipo};

/// Lent to what is done under an `Idempotency-Key`.
pub(crate) type Transaccion = LentTransaction<Sqlite>;

const INSERT: &str = "
    insert into productos (sku, nombre, categoria, etiquetas, proveedor, descripcion, vence, minimo, created_at)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?) returning *";

pub(crate) async fn crear(pool: &SqlitePool, pedido: ProductoCrear) -> Result<Producto, Failure> {
    let inserted = sqlx::query(INSERT)
        .bind(&pedido.sku)
        .bind(pedido.nombre)
        .bind(pedido.categoria)
        .bind(Json(pedido.etiquetas))
        .bind(Json(pedido.proveedor))
        .bind(pedido.descripcion)
        .bind(pedido.vence)
        .bind(pedido.minimo)
        .bind(Timestamp::now())
        .fetch_one(pool)
        .await;
    match inserted {
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
            Err(ProductoError::SkuDuplicado { sku: pedido.sku }.into())
        }
        inserted => producto(&inserted?),
    }
}

pub(crate) async fn obtener(pool: &SqlitePool, id: i64) -> Result<Producto, Failure> {
    let found = sqlx::query("select * from productos where id = ?").bind(id).fetch_optional(pool).await?;
    producto(&found.ok_or(ProductoError::NoEncontrado { producto_id: id })?)
}

pub(crate) async fn listar<const LIMIT: i64, const MAX_LIMIT: i64>(
    pool: &SqlitePool,
    filtro: &Filtro,
    pagina: Page<LIMIT, MAX_LIMIT>,
) -> Result<Vec<Producto>, Failure> {
    let select = "select * from productos
        where id > ?1 and (?2 is null or categoria = ?2) and (?3 is null or instr(nombre, ?3) > 0)
        order by id limit ?4 offset ?5";
    let rows = sqlx::query(select)
        .bind(pagina.after_id().unwrap_or(0))
        .bind(filtro.categoria)
        .bind(&filtro.buscar)
        .bind(pagina.limit())
        .bind(pagina.skip())
        .fetch_all(pool)
        .await?;
    rows.iter().map(producto).collect()
}

/// How many the list has on all its pages.
pub(crate) async fn contar(pool: &SqlitePool, filtro: &Filtro) -> Result<i64, Failure> {
    let select = "select count(*) from productos
        where (?1 is null or categoria = ?1) and (?2 is null or instr(nombre, ?2) > 0)";
    Ok(sqlx::query_scalar(select).bind(filtro.categoria).bind(&filtro.buscar).fetch_one(pool).await?)
}

/// The effect of a movimiento: all of it or, where it is refused, nothing.
pub(crate) async fn mover(tx: &mut SqliteConnection, pedido: MovimientoCrear) -> Result<Movimiento, Failure> {
    let MovimientoCrear { producto_id, tipo, cantidad, fecha, motivo } = pedido;
    let select = sqlx::query_scalar("select stock from productos where id = ?").bind(producto_id);
    let disponible = select.fetch_optional(&mut *tx).await?.ok_or(MovimientoError::ProductoNoEncontrado { producto_id })?;
    let stock = movido(disponible, tipo, cantidad)?;
    let update = sqlx::query("update productos set stock = ? where id = ?").bind(stock).bind(producto_id);
    update.execute(&mut *tx).await?;
    let insert = "insert into movimientos (producto_id, tipo, cantidad, fecha, motivo, stock) values (?, ?, ?, ?, ?, ?)";
    let inserted =
        sqlx::query(insert).bind(producto_id).bind(tipo).bind(cantidad).bind(fecha).bind(motivo).bind(stock).execute(tx).await?;
    Ok(Movimiento { id: inserted.last_insert_rowid(), producto_id, tipo, cantidad, fecha, stock })
}

/// The stock after so much has come or gone.
fn movido(disponible: Stock, tipo: Tipo, cantidad: Cantidad) -> Result<Stock, MovimientoError> {
    match tipo {
        Tipo::Entrada => {
            Stock::from_units(disponible.units() + cantidad.units()).ok_or(MovimientoError::StockExcedido { maximo: Stock::MAX })
        }
        Tipo::Salida => Stock::from_units(disponible.units() - cantidad.units())
            .ok_or(MovimientoError::StockInsuficiente { disponible, pedido: cantidad }),
    }
}

fn producto(row: &SqliteRow) -> Result<Producto, Failure> {
    Ok(Producto {
        id: row.try_get("id")?,
        sku: row.try_get("sku")?,
        nombre: row.try_get("nombre")?,
        categoria: row.try_get("categoria")?,
        etiquetas: row.try_get::<Json<_>, _>("etiquetas")?.0,
        proveedor: row.try_get::<Json<_>, _>("proveedor")?.0,
        descripcion: row.try_get("descripcion")?,
        vence: row.try_get("vence")?,
        minimo: row.try_get("minimo")?,
        stock: row.try_get("stock")?,
        created_at: row.try_get("created_at")?,
    })
}
