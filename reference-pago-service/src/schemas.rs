//! What travels: the bodies, paths and queries of the API, and its answers (contract section 5).

mod clientes;
mod pagina;
mod pagos;

pub use clientes::{ClienteCreate, ClientePath, ClienteResponse, ClienteUpdate, ClientesQuery, RecargaCreate};
pub use pagina::Pagina;
pub use pagos::{PagoCreate, PagoPath, PagoResponse, PagosQuery};
