//! Outcomes as JSON, for the table `idempotencia`.
//!
//! Only values are kept, and the answer is rendered from them again: the outcome of a batch is decided inside one statement, which
//! cannot render it. The records stand in the form of their rows, so that PostgreSQL's statements can write them with
//! `json_build_object`.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::rows::{ClienteRow, PagoRow, moneda, monto, trusted};
use super::{Anulacion, Decision, Recarga};
use crate::database::RepositoryError;

/// An outcome that can be kept under a key.
pub trait Stored: Sized {
    /// Reads it.
    ///
    /// # Errors
    ///
    /// When it is in a form that is unknown here.
    fn leer(texto: &str) -> Result<Self, RepositoryError>;

    /// Writes it; `None` for an outcome that is not kept: what is named in the path and does not exist today may exist tomorrow.
    ///
    /// # Errors
    ///
    /// Never: the forms are plain.
    fn escribir(&self) -> Result<Option<String>, RepositoryError>;
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FormaDecision {
    Aceptado { pago: PagoRow, nuevo_saldo: i64 },
    ClienteNoEncontrado,
    SaldoInsuficiente { saldo: i64 },
    MonedaNoCoincide { moneda: String },
}

impl Stored for Decision {
    fn leer(texto: &str) -> Result<Self, RepositoryError> {
        Ok(match forma(texto)? {
            FormaDecision::Aceptado { pago, nuevo_saldo } => {
                Self::Aceptado { pago: pago.try_into()?, nuevo_saldo: monto(nuevo_saldo)? }
            }
            FormaDecision::ClienteNoEncontrado => Self::ClienteNoEncontrado,
            FormaDecision::SaldoInsuficiente { saldo } => Self::SaldoInsuficiente { saldo: monto(saldo)? },
            FormaDecision::MonedaNoCoincide { moneda: codigo } => Self::MonedaNoCoincide { moneda: moneda(&codigo)? },
        })
    }

    fn escribir(&self) -> Result<Option<String>, RepositoryError> {
        texto(&match self {
            Self::Aceptado { pago, nuevo_saldo } => {
                FormaDecision::Aceptado { pago: (*pago).into(), nuevo_saldo: nuevo_saldo.centavos() }
            }
            Self::ClienteNoEncontrado => FormaDecision::ClienteNoEncontrado,
            Self::SaldoInsuficiente { saldo } => FormaDecision::SaldoInsuficiente { saldo: saldo.centavos() },
            Self::MonedaNoCoincide { moneda } => FormaDecision::MonedaNoCoincide { moneda: moneda.as_str().to_owned() },
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FormaRecarga {
    Recargado(ClienteRow),
    SaldoExcedido,
}

impl Stored for Recarga {
    fn leer(texto: &str) -> Result<Self, RepositoryError> {
        Ok(match forma(texto)? {
            FormaRecarga::Recargado(fila) => Self::Recargado(fila.try_into()?),
            FormaRecarga::SaldoExcedido => Self::SaldoExcedido,
        })
    }

    fn escribir(&self) -> Result<Option<String>, RepositoryError> {
        texto(&match self {
            Self::Recargado(cliente) => FormaRecarga::Recargado(cliente.into()),
            Self::SaldoExcedido => FormaRecarga::SaldoExcedido,
            Self::NoEncontrado => return Ok(None),
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FormaAnulacion {
    Anulado { pago: PagoRow, nuevo_saldo: i64 },
    NoAnulable { estado: String },
    SaldoExcedido { monto: i64 },
}

impl Stored for Anulacion {
    fn leer(texto: &str) -> Result<Self, RepositoryError> {
        Ok(match forma(texto)? {
            FormaAnulacion::Anulado { pago, nuevo_saldo } => {
                Self::Anulado { pago: pago.try_into()?, nuevo_saldo: monto(nuevo_saldo)? }
            }
            FormaAnulacion::NoAnulable { estado } => Self::NoAnulable { estado: trusted(estado.parse().ok(), "estado")? },
            FormaAnulacion::SaldoExcedido { monto: centavos } => Self::SaldoExcedido { monto: monto(centavos)? },
        })
    }

    fn escribir(&self) -> Result<Option<String>, RepositoryError> {
        texto(&match self {
            Self::Anulado { pago, nuevo_saldo } => {
                FormaAnulacion::Anulado { pago: (*pago).into(), nuevo_saldo: nuevo_saldo.centavos() }
            }
            Self::NoAnulable { estado } => FormaAnulacion::NoAnulable { estado: estado.as_str().to_owned() },
            Self::SaldoExcedido { monto } => FormaAnulacion::SaldoExcedido { monto: monto.centavos() },
            Self::NoEncontrado => return Ok(None),
        })
    }
}

fn forma<F: DeserializeOwned>(texto: &str) -> Result<F, RepositoryError> {
    serde_json::from_str(texto).map_err(RepositoryError::internal)
}

fn texto(forma: &impl Serialize) -> Result<Option<String>, RepositoryError> {
    serde_json::to_string(forma).map(Some).map_err(RepositoryError::internal)
}
