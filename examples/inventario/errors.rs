//! Why the inventory refuses.

use standards_axum::prelude::*;

use crate::schemas::{Cantidad, Stock};

error_catalogue! {
    /// Of productos.
    pub enum ProductoError {
        /// No producto has the id in the path.
        NoEncontrado { producto_id: i64 } => 404, PRODUCTO_NO_ENCONTRADO, "Producto con ID {producto_id} no encontrado",
            en "Product with ID {producto_id} not found";
        /// Another producto has this SKU.
        SkuDuplicado { sku: String } => 409, SKU_DUPLICADO, "El SKU {sku} ya existe", en "SKU {sku} already exists";
    }
}

error_catalogue! {
    /// Of movimientos: each is an outcome, and answered again under its key.
    pub enum MovimientoError {
        /// The producto that the body names does not exist.
        ProductoNoEncontrado { producto_id: i64 } => 400, PRODUCTO_NO_ENCONTRADO, "Producto con ID {producto_id} no encontrado",
            en "Product with ID {producto_id} not found";
        /// Less is in stock than is taken out.
        StockInsuficiente { disponible: Stock, pedido: Cantidad } => 400, STOCK_INSUFICIENTE,
            "Stock insuficiente. Disponible: {disponible}, Pedido: {pedido}",
            en "Insufficient stock. Available: {disponible}, requested: {pedido}";
        /// More would be in stock than can be counted.
        StockExcedido { maximo: Stock } => 400, STOCK_EXCEDIDO, "El stock no puede pasar de {maximo}",
            en "The stock cannot exceed {maximo}";
    }
}

error_catalogue! {
    /// Of compras, which the payment service is paid by.
    pub enum CompraError {
        /// The payment service refused.
        PagoRechazado { codigo: String } => 400, PAGO_RECHAZADO, "El pago fue rechazado: {codigo}", en "The payment was refused: {codigo}";
    }
}
