//! What the business does, and what is logged of it: a record at its beginning and one at its end, with its ids.

use standards_axum::prelude::*;

use crate::repositories::ProductoRepository;
use crate::schemas::{Producto, ProductoCrear};

/// What can be done with productos.
#[derive(Clone)]
pub struct ProductoService {
    productos: ProductoRepository,
}

impl ProductoService {
    pub(crate) fn new(productos: ProductoRepository) -> Self {
        Self { productos }
    }

    pub(crate) async fn crear(&self, pedido: ProductoCrear) -> Result<Producto, Failure> {
        info!(precio = %pedido.precio, existencias = pedido.existencias, "Creando producto");
        let producto = self.productos.crear(pedido).await?;
        info!(producto_id = producto.id, "Producto creado");
        Ok(producto)
    }

    pub(crate) async fn obtener(&self, id: i64) -> Result<Producto, Failure> {
        self.productos.obtener(id).await
    }

    pub(crate) async fn vender(&self, id: i64, cantidad: u32) -> Result<Producto, Failure> {
        info!(producto_id = id, cantidad, "Vendiendo producto");
        let producto = self.productos.retirar(id, cantidad).await?;
        info!(producto_id = id, precio = %producto.precio, existencias = producto.existencias, "Producto vendido");
        Ok(producto)
    }
}
