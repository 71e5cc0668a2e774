//! The pago: a debit of a cliente's balance, what is decided of it, and the states that it has.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use standards_core::log::{ToValue, Value};
use standards_core::{Text, error_catalogue};
use utoipa::ToSchema;

use super::input::{self, Input};
use super::{ClienteId, Moneda, Monto, Page, PagoId, PositiveMonto, Rejected, Timestamp};

/// A pago as the database holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pago {
    /// Given by the database, never reused.
    pub id: PagoId,
    /// Whose balance it debits.
    pub cliente_id: ClienteId,
    /// How much, always above zero.
    pub monto: Monto,
    /// The currency of the cliente.
    pub moneda: Moneda,
    /// Whether it counts.
    pub estado: Estado,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A pago to be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewPago {
    /// Who pays.
    pub cliente_id: ClienteId,
    /// How much.
    pub monto: PositiveMonto,
    /// In which currency.
    pub moneda: Moneda,
}

/// What is decided of a pago, from the database to the answer.
pub type Verdict = Result<Accepted, PagoError>;

/// A pago that was debited and noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The pago, with its id.
    pub pago: Pago,
    /// The balance that it left.
    pub nuevo_saldo: Monto,
}

/// A pago that was annulled, and its amount given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Annulled {
    /// The pago as it is now.
    pub pago: Pago,
    /// The cliente's balance with the amount back on it.
    pub nuevo_saldo: Monto,
}

/// Which pagos are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PagoFilter {
    /// Only those of this cliente.
    pub cliente_id: Option<ClienteId>,
    /// Only those in this state.
    pub estado: Option<Estado>,
    /// Which part of the list.
    pub page: Page,
}

impl NewPago {
    /// The pago once it is made, and the balance that it leaves.
    #[must_use]
    pub fn accepted(&self, id: PagoId, created_at: Timestamp, nuevo_saldo: Monto) -> Accepted {
        let Self { cliente_id, monto, moneda } = *self;
        let pago = Pago { id, cliente_id, monto: monto.monto(), moneda, estado: Estado::Procesado, created_at };
        Accepted { pago, nuevo_saldo }
    }

    /// That there is no such cliente.
    #[must_use]
    pub fn without_cliente(&self) -> PagoError {
        PagoError::ClienteNoEncontrado { cliente_id: self.cliente_id }
    }

    /// That the cliente has no more than `saldo`.
    #[must_use]
    pub fn beyond(&self, saldo: Monto) -> PagoError {
        PagoError::SaldoInsuficiente { saldo, monto: self.monto.monto() }
    }

    /// That the cliente pays in another currency.
    #[must_use]
    pub fn not_in(&self, moneda_cliente: Moneda) -> PagoError {
        PagoError::MonedaNoCoincide { moneda: self.moneda, moneda_cliente }
    }
}

error_catalogue! {
    /// Why a pago is refused.
    #[derive(Clone, PartialEq, Eq)]
    pub enum PagoError {
        /// The cliente named in the body does not exist.
        ClienteNoEncontrado { cliente_id: ClienteId } => 400, CLIENTE_NO_ENCONTRADO,
            "Cliente con ID {cliente_id} no encontrado", en "Cliente with ID {cliente_id} not found";
        /// The balance is smaller than the amount.
        SaldoInsuficiente { saldo: Monto, monto: Monto } => 400, SALDO_INSUFICIENTE,
            "Saldo insuficiente. Actual: {saldo}, Requerido: {monto}",
            en "Insufficient balance. Current: {saldo}, required: {monto}";
        /// The cliente's account is kept in another currency.
        MonedaNoCoincide { moneda: Moneda, moneda_cliente: Moneda } => 400, MONEDA_NO_COINCIDE,
            "La moneda {moneda} no coincide con la del cliente: {moneda_cliente}",
            en "Currency {moneda} is not the cliente's: {moneda_cliente}";
    }
}

error_catalogue! {
    /// Why a pago is not read.
    #[derive(Clone, PartialEq, Eq)]
    pub enum UnknownPago {
        /// No pago has the id in the path.
        PagoNoEncontrado { pago_id: PagoId } => 404, PAGO_NO_ENCONTRADO,
            "Pago con ID {pago_id} no encontrado", en "Pago with ID {pago_id} not found";
    }
}

error_catalogue! {
    /// Why a pago is not annulled.
    #[derive(Clone, PartialEq, Eq)]
    pub enum AnulacionError {
        /// No pago has the id in the path.
        PagoNoEncontrado { pago_id: PagoId } => 404, PAGO_NO_ENCONTRADO,
            "Pago con ID {pago_id} no encontrado", en "Pago with ID {pago_id} not found";
        /// Only a pago in state `PROCESADO` is annulled, and only once.
        PagoNoAnulable { pago_id: PagoId, estado: Estado } => 400, PAGO_NO_ANULABLE,
            "El pago con ID {pago_id} no se puede anular: está {estado}",
            en "The pago with ID {pago_id} cannot be annulled: it is {estado}";
        /// The balance would pass 99999999.99.
        SaldoExcedido { monto: Monto } => 400, SALDO_EXCEDIDO,
            "El abono de {monto} supera el saldo máximo: 99999999.99",
            en "Crediting {monto} would pass the largest balance: 99999999.99";
    }
}

const REJECTED: Rejected =
    Rejected(Text::new("debe ser PENDIENTE, PROCESADO o ANULADO", "must be PENDIENTE, PROCESADO or ANULADO"));

/// The state of a pago. Only a `PROCESADO` one is debited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToSchema)]
#[schema(as = EstadoPago, rename_all = "UPPERCASE")]
pub enum Estado {
    /// Noted, not debited.
    Pendiente,
    /// Debited.
    Procesado,
    /// Debited once, given back since.
    Anulado,
}

impl Estado {
    /// The name on the wire and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pendiente => "PENDIENTE",
            Self::Procesado => "PROCESADO",
            Self::Anulado => "ANULADO",
        }
    }
}

impl FromStr for Estado {
    type Err = Rejected;

    fn from_str(text: &str) -> Result<Self, Rejected> {
        [Self::Pendiente, Self::Procesado, Self::Anulado].into_iter().find(|estado| estado.as_str() == text).ok_or(REJECTED)
    }
}

impl fmt::Display for Estado {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Estado {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Input for Estado {
    const REJECTED: Rejected = REJECTED;

    fn from_text(text: &str) -> Result<Self, Rejected> {
        text.parse()
    }
}

impl<'de> Deserialize<'de> for Estado {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        input::read(deserializer)
    }
}

impl ToValue for Estado {
    fn to_value(&self) -> Value {
        Value::Str(self.as_str().into())
    }
}

/// A change of a pago's state that is allowed. There is no other way to change one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    from: Estado,
    to: Estado,
}

impl Transition {
    /// A debited pago is given back. A `PENDIENTE` one was never debited, so there is nothing to give back.
    pub const ANNULMENT: Self = Self { from: Estado::Procesado, to: Estado::Anulado };

    /// The state before.
    #[must_use]
    pub const fn from(self) -> Estado {
        self.from
    }

    /// The state after.
    #[must_use]
    pub const fn to(self) -> Estado {
        self.to
    }

    /// The state after it, or `None` where it is not allowed.
    #[must_use]
    pub fn apply(self, estado: Estado) -> Option<Estado> {
        (estado == self.from).then_some(self.to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_names_are_read_and_written() {
        for nombre in ["PENDIENTE", "PROCESADO", "ANULADO"] {
            let json = format!("\"{nombre}\"");
            let estado: Estado = serde_json::from_str(&json).unwrap();
            assert_eq!(serde_json::to_string(&estado).unwrap(), json);
        }
    }

    #[test]
    fn any_other_text_is_refused() {
        for text in ["", "procesado", "PROCESADO ", "' OR 1=1--", "TODOS"] {
            assert!(text.parse::<Estado>().is_err(), "{text}");
        }
    }

    #[test]
    fn only_what_was_debited_is_annulled() {
        assert_eq!(Transition::ANNULMENT.apply(Estado::Procesado), Some(Estado::Anulado));
        assert_eq!(Transition::ANNULMENT.apply(Estado::Anulado), None);
        assert_eq!(Transition::ANNULMENT.apply(Estado::Pendiente), None);
    }
}
