//! The values and records of the domain: parsed at the edge, trusted behind it.
//!
//! Every value has private fields and one way in that may refuse ([`FromStr`](std::str::FromStr),
//! `new`, or `Deserialize`), and a refusal is a [`Rejected`]: a reason a client may read.

mod accounts;
mod characters;
mod cliente;
mod email;
mod id;
mod input;
mod moneda;
mod monto;
mod nombre;
mod page;
mod pago;
mod timestamp;

pub use accounts::{Account, Accounts};
pub use cliente::{Cliente, ClienteError, ClienteFilter, DeletionError, NewCliente, RecargaError, UnknownCliente};
pub use email::Email;
pub use id::{ClienteId, PagoId};
pub use input::FromText;
pub use moneda::Moneda;
pub use monto::{Monto, PositiveMonto};
pub use nombre::Nombre;
pub use page::{AfterId, Limit, Page, Skip};
pub use pago::{
    Accepted, Annulled, AnulacionError, Estado, NewPago, Pago, PagoError, PagoFilter, Transition, UnknownPago, Verdict,
};
pub use timestamp::Timestamp;

/// Why a value was refused, said so that a client may read it: never the value itself, never the
/// name of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{es}")]
pub struct Rejected {
    /// The reason in Spanish, to be read after the name of the field: `debe ser ...`.
    pub es: &'static str,
    /// The reason in English.
    pub en: &'static str,
}

impl Rejected {
    /// This reason as the error of a deserializer.
    #[must_use]
    pub fn into_error<E: serde::de::Error>(self) -> E {
        standards_core::validation::reject(standards_core::Text::new(self.es, self.en))
    }
}
