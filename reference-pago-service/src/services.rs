//! What the business does: decide, and say in the log what was decided.

mod claves;
mod clientes;
mod pagos;

pub use claves::Claves;
pub use clientes::ClienteService;
pub use pagos::PagoService;
