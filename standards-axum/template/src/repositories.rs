//! Where productos are kept: all SQL stands here.

use sqlx::sqlite::SqlitePool;
use standards_axum::prelude::*;

use crate::errors::ProductoError;
use crate::schemas::{Producto, ProductoCrear};

#[derive(Clone)]
pub(crate) struct ProductoRepository {
    pool: SqlitePool,
}

impl ProductoRepository {
    pub(crate) fn new(pool: SqlitePool) -> Self {
        Self { pool }
    }

    pub(crate) async fn crear(&self, pedido: ProductoCrear) -> Result<Producto, Failure> {
        let insert = "insert into productos (nombre, precio, existencias) values (?, ?, ?) returning *";
        let insert = sqlx::query_as(insert).bind(pedido.nombre).bind(pedido.precio).bind(pedido.existencias);
        Ok(insert.fetch_one(&self.pool).await?)
    }

    pub(crate) async fn obtener(&self, id: i64) -> Result<Producto, Failure> {
        let select = sqlx::query_as("select * from productos where id = ?").bind(id);
        let found = select.fetch_optional(&self.pool).await?;
        Ok(found.ok_or(ProductoError::NoEncontrado { producto_id: id })?)
    }

    /// Takes so many away, or none: one statement, so that nothing is sold twice.
    pub(crate) async fn retirar(&self, id: i64, cantidad: u32) -> Result<Producto, Failure> {
        let update = "update productos set existencias = existencias - ?2
            where id = ?1 and existencias >= ?2 returning *";
        let updated = sqlx::query_as(update).bind(id).bind(cantidad).fetch_optional(&self.pool).await?;
        if let Some(producto) = updated {
            return Ok(producto);
        }
        let disponibles = self.obtener(id).await?.existencias;
        Err(ProductoError::ExistenciasInsuficientes { disponibles, pedidas: cantidad }.into())
    }
}
