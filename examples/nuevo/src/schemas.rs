//! What is sent and answered: parsed at the edge, trusted behind it.

use standards_axum::core::FixedDecimal;
use standards_axum::prelude::*;
use utoipa::ToSchema;

/// From 0.01 to 99999999.99: whole hundredths inside, text outside, never a float.
pub(crate) type Precio = FixedDecimal<2, 1, 9_999_999_999>;

#[derive(Deserialize, ToSchema, Validate)]
pub(crate) struct ProductoCrear {
    #[garde(length(chars, min = 1, max = 100))]
    pub(crate) nombre: String,
    #[garde(skip)]
    pub(crate) precio: Precio,
    #[garde(range(max = 1_000_000))]
    pub(crate) existencias: u32,
}

#[derive(Deserialize, ToSchema, Validate)]
pub(crate) struct Venta {
    #[garde(range(min = 1, max = 1000))]
    pub(crate) cantidad: u32,
}

/// A producto, as it is kept and as it is answered.
#[derive(Serialize, ToSchema, sqlx::FromRow)]
pub(crate) struct Producto {
    pub(crate) id: i64,
    pub(crate) nombre: String,
    pub(crate) precio: Precio,
    pub(crate) existencias: u32,
}
