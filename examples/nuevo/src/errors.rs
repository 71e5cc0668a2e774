//! Why the service refuses: each error is a row, with its status, its code, and its sentence in two languages.

use standards_axum::prelude::*;

error_catalogue! {
    /// Of productos.
    pub enum ProductoError {
        /// No producto has the id in the path.
        NoEncontrado { producto_id: i64 } => 404, PRODUCTO_NO_ENCONTRADO,
            "Producto con ID {producto_id} no encontrado", en "Product with ID {producto_id} not found";
        /// Fewer are there than are asked for.
        ExistenciasInsuficientes { disponibles: u32, pedidas: u32 } => 400, EXISTENCIAS_INSUFICIENTES,
            "Existencias insuficientes. Disponibles: {disponibles}, Pedidas: {pedidas}",
            en "Insufficient stock. Available: {disponibles}, requested: {pedidas}";
    }
}
