//! What the business does: decide, and say in the log what was decided.

mod clientes;
mod pagos;

pub use clientes::ClienteService;
pub use pagos::PagoService;
