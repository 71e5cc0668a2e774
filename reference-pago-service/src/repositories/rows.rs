//! Rows as both engines return them, and the records they become.
//!
//! Amounts are hundredths and instants microseconds in every row: PostgreSQL's statements convert.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use crate::database::RepositoryError;
use crate::models::{Cliente, ClienteId, Email, Estado, Moneda, Monto, Nombre, Pago, PagoId, Timestamp};

#[derive(Clone, FromRow, Serialize, Deserialize)]
pub(super) struct ClienteRow {
    pub(super) id: i64,
    pub(super) nombre: String,
    pub(super) email: String,
    pub(super) saldo: i64,
    pub(super) moneda: String,
    pub(super) created_at: i64,
}

impl TryFrom<ClienteRow> for Cliente {
    type Error = RepositoryError;

    fn try_from(row: ClienteRow) -> Result<Self, RepositoryError> {
        Ok(Self {
            id: trusted(ClienteId::new(row.id), "id")?,
            nombre: Nombre::from_database(row.nombre),
            email: Email::from_database(row.email),
            saldo: monto(row.saldo)?,
            moneda: moneda(&row.moneda)?,
            created_at: timestamp(row.created_at)?,
        })
    }
}

#[derive(FromRow, Serialize, Deserialize)]
pub(super) struct PagoRow {
    id: i64,
    cliente_id: i64,
    monto: i64,
    moneda: String,
    estado: String,
    created_at: i64,
}

impl TryFrom<PagoRow> for Pago {
    type Error = RepositoryError;

    fn try_from(row: PagoRow) -> Result<Self, RepositoryError> {
        Ok(Self {
            id: pago_id(row.id)?,
            cliente_id: trusted(ClienteId::new(row.cliente_id), "cliente_id")?,
            monto: monto(row.monto)?,
            moneda: moneda(&row.moneda)?,
            estado: trusted(row.estado.parse::<Estado>().ok(), "estado")?,
            created_at: timestamp(row.created_at)?,
        })
    }
}

impl From<&Cliente> for ClienteRow {
    fn from(cliente: &Cliente) -> Self {
        Self {
            id: cliente.id.get(),
            nombre: cliente.nombre.as_str().to_owned(),
            email: cliente.email.as_str().to_owned(),
            saldo: cliente.saldo.hundredths(),
            moneda: cliente.moneda.as_str().to_owned(),
            created_at: cliente.created_at.microseconds(),
        }
    }
}

impl From<Pago> for PagoRow {
    fn from(pago: Pago) -> Self {
        Self {
            id: pago.id.get(),
            cliente_id: pago.cliente_id.get(),
            monto: pago.monto.hundredths(),
            moneda: pago.moneda.as_str().to_owned(),
            estado: pago.estado.as_str().to_owned(),
            created_at: pago.created_at.microseconds(),
        }
    }
}

pub(super) fn pago_id(id: i64) -> Result<PagoId, RepositoryError> {
    trusted(PagoId::new(id), "id")
}

pub(super) fn monto(hundredths: i64) -> Result<Monto, RepositoryError> {
    trusted(Monto::from_hundredths(hundredths), "monto")
}

pub(super) fn moneda(code: &str) -> Result<Moneda, RepositoryError> {
    trusted(code.parse().ok(), "moneda")
}

pub(super) fn timestamp(microseconds: i64) -> Result<Timestamp, RepositoryError> {
    trusted(Timestamp::from_microseconds(microseconds), "created_at")
}

/// A span of time as the databases count it.
pub(super) fn microseconds(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

/// What the schema's checks promise. `None` is a database that was altered behind them.
pub(super) fn trusted<T>(value: Option<T>, column: &str) -> Result<T, RepositoryError> {
    value.ok_or_else(|| RepositoryError::internal(format!("column {column} holds what its check forbids")))
}

/// Each row as the record it becomes.
pub(super) fn all<F, T>(rows: Vec<F>) -> Result<Vec<T>, RepositoryError>
where
    T: TryFrom<F, Error = RepositoryError>,
{
    rows.into_iter().map(T::try_from).collect()
}
