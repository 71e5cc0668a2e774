//! Pagos on the wire.

use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::pagina::Pagina;
use crate::models::{ClienteId, Estado, FromText, Moneda, Monto, NewPago, Pago, PagoFilter, PagoId, PositiveMonto, Timestamp};

/// A pago to be processed.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[garde(allow_unvalidated)]
pub struct PagoCreate {
    /// Who pays.
    #[schema(value_type = i64, minimum = 1, example = 1)]
    cliente_id: ClienteId,
    /// How much, above zero, with at most two decimals. A JSON number of the same text is taken too.
    #[schema(value_type = String, pattern = r"^(0|[1-9][0-9]{0,7})(\.[0-9]{1,2})?$", example = "100.50")]
    monto: PositiveMonto,
    /// ISO 4217 code of the cliente's currency.
    #[serde(default)]
    #[schema(value_type = String, pattern = "^[A-Z]{3}$", default = "CLP", example = "CLP")]
    moneda: Moneda,
}

impl From<PagoCreate> for NewPago {
    fn from(body: PagoCreate) -> Self {
        Self { cliente_id: body.cliente_id, monto: body.monto, moneda: body.moneda }
    }
}

/// A pago.
#[derive(Debug, Serialize, ToSchema)]
pub struct PagoResponse {
    /// Its id, never reused.
    #[schema(value_type = i64, minimum = 1, example = 1)]
    pub(crate) id: PagoId,
    /// Whose balance it debited.
    #[schema(value_type = i64, minimum = 1, example = 1)]
    cliente_id: ClienteId,
    /// How much.
    #[schema(value_type = String, pattern = r"^(0|[1-9][0-9]{0,7})\.[0-9]{2}$", example = "100.50")]
    monto: Monto,
    /// In which currency.
    #[schema(value_type = String, pattern = "^[A-Z]{3}$", example = "CLP")]
    moneda: Moneda,
    /// Whether it counts: `PROCESADO` does, `PENDIENTE` not yet, `ANULADO` no longer.
    estado: Estado,
    /// When it was made, UTC.
    #[schema(value_type = String, format = "date-time", example = "2025-07-04T10:30:45.123Z")]
    created_at: Timestamp,
}

impl From<Pago> for PagoResponse {
    fn from(pago: Pago) -> Self {
        let Pago { id, cliente_id, monto, moneda, estado, created_at } = pago;
        Self { id, cliente_id, monto, moneda, estado, created_at }
    }
}

/// Which pago.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[garde(allow_unvalidated)]
pub struct PagoPath {
    /// The pago's id.
    #[param(value_type = i64, minimum = 1, example = 1)]
    id: FromText<PagoId>,
}

impl PagoPath {
    /// The id in the path.
    #[must_use]
    pub const fn id(&self) -> PagoId {
        self.id.0
    }
}

/// Which pagos.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[garde(allow_unvalidated)]
#[into_params(parameter_in = Query)]
pub struct PagosQuery {
    /// Only those of this cliente.
    #[param(value_type = Option<i64>, minimum = 1)]
    cliente_id: Option<FromText<ClienteId>>,
    /// Only those in this state.
    estado: Option<Estado>,
    #[serde(flatten)]
    #[garde(dive)]
    #[param(inline)]
    pub(crate) pagina: Pagina,
}

impl From<PagosQuery> for PagoFilter {
    fn from(query: PagosQuery) -> Self {
        Self { cliente_id: query.cliente_id.map(|id| id.0), estado: query.estado, page: query.pagina.into() }
    }
}
