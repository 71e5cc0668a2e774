//! Outcomes that are kept under an `Idempotency-Key`, as JSON in the table `idempotencia`.
//!
//! Only values are kept, and the answer is rendered from them again: the outcome of a batch is decided inside one statement, which
//! cannot render it. What the request itself says is not kept with them: a repetition says the same. The records stand in the form of
//! their rows, so that PostgreSQL's statements can write them with `json_build_object`.

use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use standards_core::Language;
use standards_core::idempotency::{Keyed, KeyedRequest};

use super::rows::{ClienteRow, PagoRow, moneda, monto, trusted};
use crate::database::{BoxFuture, RepositoryError};
use crate::models::{
    Accepted, Annulled, AnulacionError, Cliente, ClienteId, NewPago, PagoError, PagoId, PositiveMonto, RecargaError, Verdict,
};

/// The outcomes that are kept. They are written by the operations themselves, each in its own transaction.
pub trait OutcomeRepository: Send + Sync {
    /// What is kept under the key, if anything is. Waits for no operation that is under way.
    fn find(&self, key: Arc<KeyedRequest>) -> BoxFuture<'_, Option<StoredOutcome>>;

    /// Deletes the outcomes older than that, so many at most; returns how many it was. What lies further ahead than that counts from
    /// now on. PostgreSQL's clock decides; on SQLite that of the process, which no setting of the machine's clock moves.
    fn reap(&self, older_than: Duration, at_most: u32) -> BoxFuture<'_, u64>;
}

/// An outcome as it is kept.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StoredOutcome {
    /// What the first request asked for.
    #[sqlx(rename = "huella")]
    fingerprint: String,
    #[sqlx(rename = "idioma")]
    language: String,
    #[sqlx(rename = "resultado")]
    outcome: String,
}

impl StoredOutcome {
    /// The outcome for the request with this key, which asks for `request`; or that the key belongs to another.
    ///
    /// # Errors
    ///
    /// When the outcome is kept in a form that is unknown here.
    pub fn read<T: Stored>(&self, key: &KeyedRequest, request: &T::Request) -> Result<Keyed<T>, RepositoryError> {
        if self.fingerprint == key.fingerprint() { replayed(&self.outcome, &self.language, request) } else { Ok(Keyed::Reused) }
    }
}

/// A kept outcome whose request is known to be the same.
pub(super) fn replayed<T: Stored>(outcome: &str, language: &str, request: &T::Request) -> Result<Keyed<T>, RepositoryError> {
    let language = if language == Language::En.tag() { Language::En } else { Language::Es };
    Ok(Keyed::Replayed(T::read(outcome, request)?, language))
}

/// An outcome that can be kept under a key.
pub trait Stored: Sized {
    /// What was asked for.
    type Request;

    /// Reads it.
    ///
    /// # Errors
    ///
    /// When it is in a form that is unknown here.
    fn read(text: &str, request: &Self::Request) -> Result<Self, RepositoryError>;

    /// Writes it; `None` for an outcome that is not kept: what is named in the path and does not exist today may exist tomorrow.
    ///
    /// # Errors
    ///
    /// Never: the forms are plain.
    fn write(&self) -> Result<Option<String>, RepositoryError>;
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredPago {
    Aceptado { pago: PagoRow, nuevo_saldo: i64 },
    ClienteNoEncontrado,
    SaldoInsuficiente { saldo: i64 },
    MonedaNoCoincide { moneda: String },
}

impl Stored for Verdict {
    type Request = NewPago;

    fn read(text: &str, request: &NewPago) -> Result<Self, RepositoryError> {
        Ok(match from_json(text)? {
            StoredPago::Aceptado { pago, nuevo_saldo } => {
                Ok(Accepted { pago: pago.try_into()?, nuevo_saldo: monto(nuevo_saldo)? })
            }
            StoredPago::ClienteNoEncontrado => Err(request.without_cliente()),
            StoredPago::SaldoInsuficiente { saldo } => Err(request.beyond(monto(saldo)?)),
            StoredPago::MonedaNoCoincide { moneda: code } => Err(request.not_in(moneda(&code)?)),
        })
    }

    fn write(&self) -> Result<Option<String>, RepositoryError> {
        to_json(&match self {
            Ok(Accepted { pago, nuevo_saldo }) => {
                StoredPago::Aceptado { pago: (*pago).into(), nuevo_saldo: nuevo_saldo.centavos() }
            }
            Err(PagoError::ClienteNoEncontrado { .. }) => StoredPago::ClienteNoEncontrado,
            Err(PagoError::SaldoInsuficiente { saldo, .. }) => StoredPago::SaldoInsuficiente { saldo: saldo.centavos() },
            Err(PagoError::MonedaNoCoincide { moneda_cliente, .. }) => {
                StoredPago::MonedaNoCoincide { moneda: moneda_cliente.as_str().to_owned() }
            }
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredRecarga {
    Recargado(ClienteRow),
    SaldoExcedido,
}

impl Stored for Result<Cliente, RecargaError> {
    type Request = (ClienteId, PositiveMonto);

    fn read(text: &str, (_, monto): &(ClienteId, PositiveMonto)) -> Result<Self, RepositoryError> {
        Ok(match from_json(text)? {
            StoredRecarga::Recargado(row) => Ok(row.try_into()?),
            StoredRecarga::SaldoExcedido => Err(RecargaError::SaldoExcedido { monto: monto.monto() }),
        })
    }

    fn write(&self) -> Result<Option<String>, RepositoryError> {
        to_json(&match self {
            Ok(cliente) => StoredRecarga::Recargado(cliente.into()),
            Err(RecargaError::SaldoExcedido { .. }) => StoredRecarga::SaldoExcedido,
            Err(RecargaError::ClienteNoEncontrado { .. }) => return Ok(None),
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredAnulacion {
    Anulado { pago: PagoRow, nuevo_saldo: i64 },
    NoAnulable { estado: String },
    SaldoExcedido { monto: i64 },
}

impl Stored for Result<Annulled, AnulacionError> {
    type Request = PagoId;

    fn read(text: &str, pago_id: &PagoId) -> Result<Self, RepositoryError> {
        let pago_id = *pago_id;
        Ok(match from_json(text)? {
            StoredAnulacion::Anulado { pago, nuevo_saldo } => {
                Ok(Annulled { pago: pago.try_into()?, nuevo_saldo: monto(nuevo_saldo)? })
            }
            StoredAnulacion::NoAnulable { estado } => {
                Err(AnulacionError::PagoNoAnulable { pago_id, estado: trusted(estado.parse().ok(), "estado")? })
            }
            StoredAnulacion::SaldoExcedido { monto: amount } => Err(AnulacionError::SaldoExcedido { monto: monto(amount)? }),
        })
    }

    fn write(&self) -> Result<Option<String>, RepositoryError> {
        to_json(&match self {
            Ok(Annulled { pago, nuevo_saldo }) => {
                StoredAnulacion::Anulado { pago: (*pago).into(), nuevo_saldo: nuevo_saldo.centavos() }
            }
            Err(AnulacionError::PagoNoAnulable { estado, .. }) => {
                StoredAnulacion::NoAnulable { estado: estado.as_str().to_owned() }
            }
            Err(AnulacionError::SaldoExcedido { monto }) => StoredAnulacion::SaldoExcedido { monto: monto.centavos() },
            Err(AnulacionError::PagoNoEncontrado { .. }) => return Ok(None),
        })
    }
}

fn from_json<F: DeserializeOwned>(text: &str) -> Result<F, RepositoryError> {
    serde_json::from_str(text).map_err(RepositoryError::internal)
}

fn to_json(form: &impl Serialize) -> Result<Option<String>, RepositoryError> {
    serde_json::to_string(form).map(Some).map_err(RepositoryError::internal)
}
