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

pub use accounts::{Account, Accounts};
pub use cliente::{Cliente, ClienteError, ClienteFilter, DeletionError, NewCliente, RecargaError, UnknownCliente};
pub use email::Email;
pub use id::{ClienteId, PagoId};
pub use input::{FromText, Rejected};
pub use moneda::Moneda;
pub use monto::{Monto, PositiveMonto};
pub use nombre::Nombre;
pub use page::Page;
pub use pago::{
    Accepted, Annulled, AnulacionError, Estado, NewPago, Pago, PagoError, PagoFilter, Transition, UnknownPago, Verdict,
};
pub use standards_core::Timestamp;
