//! What is sent and answered: parsed at the edge, trusted behind it.

use standards_axum::core::{FixedDecimal, Timestamp};
use standards_axum::prelude::*;
use time::Date;
use utoipa::{IntoParams, ToSchema};

/// What is moved: from 0.001 to 999999.999.
pub(crate) type Cantidad = FixedDecimal<3, 1, 999_999_999>;

/// What is there: from none to 999999999.999.
pub(crate) type Stock = FixedDecimal<3, 0, 999_999_999_999>;

/// What is paid: from 0.01 to 99999999.99.
pub(crate) type Monto = FixedDecimal<2, 1, 9_999_999_999>;

#[derive(Clone, Copy, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "UPPERCASE")]
#[sqlx(rename_all = "UPPERCASE")]
pub(crate) enum Categoria {
    Alimento,
    Herramienta,
    Otro,
}

#[derive(Clone, Copy, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "UPPERCASE")]
#[sqlx(rename_all = "UPPERCASE")]
pub(crate) enum Tipo {
    Entrada,
    Salida,
}

#[derive(Serialize, Deserialize, Validate, ToSchema)]
pub(crate) struct Proveedor {
    #[garde(length(chars, min = 1, max = 100))]
    pub(crate) nombre: String,
    #[garde(email)]
    pub(crate) email: Option<String>,
}

#[derive(Deserialize, Validate, ToSchema)]
pub(crate) struct ProductoCrear {
    #[garde(pattern("^[A-Z]{3}-[0-9]{4}$"))]
    pub(crate) sku: String,
    #[garde(length(chars, min = 1, max = 100))]
    pub(crate) nombre: String,
    #[garde(skip)]
    pub(crate) categoria: Categoria,
    #[garde(length(max = 10), inner(length(chars, min = 1, max = 20)))]
    #[serde(default)]
    pub(crate) etiquetas: Vec<String>,
    #[garde(dive)]
    pub(crate) proveedor: Proveedor,
    #[garde(length(chars, max = 500))]
    pub(crate) descripcion: Option<String>,
    #[garde(skip)]
    pub(crate) vence: Option<Date>,
    #[garde(range(min = 0, max = 1_000_000))]
    pub(crate) minimo: u32,
}

#[derive(Serialize, Deserialize, Validate, ToSchema)]
pub(crate) struct MovimientoCrear {
    #[garde(range(min = 1))]
    pub(crate) producto_id: i64,
    #[garde(skip)]
    pub(crate) tipo: Tipo,
    #[garde(skip)]
    pub(crate) cantidad: Cantidad,
    #[garde(skip)]
    pub(crate) fecha: Date,
    #[garde(length(chars, max = 200))]
    pub(crate) motivo: Option<String>,
}

#[derive(Serialize, Deserialize, Validate, ToSchema)]
pub(crate) struct CompraCrear {
    #[garde(range(min = 1))]
    pub(crate) cliente_id: i64,
    #[garde(skip)]
    pub(crate) monto: Monto,
}

#[derive(Deserialize, Validate, IntoParams)]
pub(crate) struct ProductoPath {
    /// Id of the producto.
    #[garde(range(min = 1))]
    pub(crate) id: i64,
}

#[derive(Deserialize, Validate, IntoParams)]
pub(crate) struct Filtro {
    /// Only this one.
    #[garde(skip)]
    pub(crate) categoria: Option<Categoria>,
    /// Only those whose name has this in it.
    #[garde(length(chars, min = 1, max = 50))]
    pub(crate) buscar: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Producto {
    pub(crate) id: i64,
    pub(crate) sku: String,
    pub(crate) nombre: String,
    pub(crate) categoria: Categoria,
    pub(crate) etiquetas: Vec<String>,
    pub(crate) proveedor: Proveedor,
    pub(crate) descripcion: Option<String>,
    pub(crate) vence: Option<Date>,
    pub(crate) minimo: u32,
    pub(crate) stock: Stock,
    pub(crate) created_at: Timestamp,
}

#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct Movimiento {
    pub(crate) id: i64,
    pub(crate) producto_id: i64,
    pub(crate) tipo: Tipo,
    pub(crate) cantidad: Cantidad,
    pub(crate) fecha: Date,
    pub(crate) stock: Stock,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Compra {
    pub(crate) producto_id: i64,
    pub(crate) pago_id: i64,
    pub(crate) estado: String,
}
