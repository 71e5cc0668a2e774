//! Clientes on the wire.

use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::pagina::Pagina;
use crate::models::{
    Cliente, ClienteFilter, ClienteId, Email, FromText, Moneda, Monto, NewCliente, Nombre, PositiveMonto, Timestamp,
};

/// A cliente to be registered.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[garde(allow_unvalidated)]
pub struct ClienteCreate {
    /// Its name: not blank, without control characters.
    #[schema(value_type = String, min_length = 1, max_length = 100, example = "Ana Rojas")]
    nombre: Nombre,
    /// Its e-mail; no two clientes have the same, case aside.
    #[schema(value_type = String, format = "email", max_length = 100, example = "ana@example.com")]
    email: Email,
    /// Its opening balance.
    #[serde(default)]
    #[schema(value_type = String, pattern = r"^(0|[1-9][0-9]{0,7})(\.[0-9]{1,2})?$", default = "0.00", example = "1000.00")]
    saldo: Monto,
    /// ISO 4217 code of its only currency.
    #[serde(default)]
    #[schema(value_type = String, pattern = "^[A-Z]{3}$", default = "CLP", example = "CLP")]
    moneda: Moneda,
}

impl From<ClienteCreate> for NewCliente {
    fn from(body: ClienteCreate) -> Self {
        Self { nombre: body.nombre, email: body.email, saldo: body.saldo, moneda: body.moneda }
    }
}

/// What a cliente is to be called and reached by; both are needed.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[garde(allow_unvalidated)]
pub struct ClienteUpdate {
    /// Its name: not blank, without control characters.
    #[schema(value_type = String, min_length = 1, max_length = 100, example = "Ana Rojas")]
    nombre: Nombre,
    /// Its e-mail; no two clientes have the same, case aside.
    #[schema(value_type = String, format = "email", max_length = 100, example = "ana@example.com")]
    email: Email,
}

impl ClienteUpdate {
    /// The name and the e-mail.
    #[must_use]
    pub fn into_parts(self) -> (Nombre, Email) {
        (self.nombre, self.email)
    }
}

/// A credit to a cliente's balance.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[garde(allow_unvalidated)]
pub struct RecargaCreate {
    /// How much, above zero, with at most two decimals. A JSON number of the same text is taken too.
    #[schema(value_type = String, pattern = r"^(0|[1-9][0-9]{0,7})(\.[0-9]{1,2})?$", example = "100.50")]
    monto: PositiveMonto,
}

impl RecargaCreate {
    /// The amount.
    #[must_use]
    pub const fn monto(&self) -> PositiveMonto {
        self.monto
    }
}

/// A cliente.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClienteResponse {
    /// Its id, never reused.
    #[schema(value_type = i64, minimum = 1, example = 1)]
    pub(crate) id: ClienteId,
    /// Its name.
    #[schema(value_type = String, min_length = 1, max_length = 100, example = "Ana Rojas")]
    nombre: Nombre,
    /// Its e-mail, as it was given.
    #[schema(value_type = String, max_length = 100, example = "ana@example.com")]
    email: Email,
    /// Its balance.
    #[schema(value_type = String, pattern = r"^(0|[1-9][0-9]{0,7})\.[0-9]{2}$", example = "1000.00")]
    saldo: Monto,
    /// Its currency.
    #[schema(value_type = String, pattern = "^[A-Z]{3}$", example = "CLP")]
    moneda: Moneda,
    /// When it was registered, UTC.
    #[schema(value_type = String, format = "date-time", example = "2025-07-04T10:30:45.123Z")]
    created_at: Timestamp,
}

impl From<Cliente> for ClienteResponse {
    fn from(cliente: Cliente) -> Self {
        let Cliente { id, nombre, email, saldo, moneda, created_at } = cliente;
        Self { id, nombre, email, saldo, moneda, created_at }
    }
}

/// Which cliente.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[garde(allow_unvalidated)]
pub struct ClientePath {
    /// The cliente's id.
    #[param(value_type = i64, minimum = 1, example = 1)]
    id: FromText<ClienteId>,
}

impl ClientePath {
    /// The id in the path.
    #[must_use]
    pub const fn id(&self) -> ClienteId {
        self.id.0
    }
}

/// Which clientes.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[garde(allow_unvalidated)]
#[into_params(parameter_in = Query)]
pub struct ClientesQuery {
    /// Only the one with this e-mail.
    #[param(value_type = Option<String>, max_length = 100)]
    email: Option<Email>,
    #[serde(flatten)]
    #[garde(dive)]
    #[param(inline)]
    pub(crate) pagina: Pagina,
}

impl From<ClientesQuery> for ClienteFilter {
    fn from(query: ClientesQuery) -> Self {
        Self { email: query.email, page: query.pagina.into() }
    }
}
