//! What the business does: decide, and say in the log what was decided.

mod clientes;
mod kept_pagos;
mod keys;
mod pagos;

pub use clientes::ClienteService;
pub use kept_pagos::KeptPagos;
pub use keys::{Keys, OwnedKey};
pub use pagos::PagoService;
