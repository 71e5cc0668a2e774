//! What is asked about clientes.

use std::sync::Arc;

use standards_core::idempotency::{Keyed, KeyedRequest};

use crate::database::BoxFuture;
use crate::models::{
    Cliente, ClienteError, ClienteFilter, ClienteId, DeletionError, Email, NewCliente, Nombre, PositiveMonto, RecargaError,
};

/// The clientes and their recargas.
///
/// Two e-mail addresses are the same when their normalized forms are. `None` is a cliente that does not exist.
pub trait ClienteRepository: Send + Sync {
    /// Register a cliente; an opening balance above zero becomes its first recarga, in the same
    /// unit.
    fn create(&self, new: NewCliente) -> BoxFuture<'_, Result<Cliente, ClienteError>>;

    /// The cliente with this id, if there is one.
    fn get(&self, id: ClienteId) -> BoxFuture<'_, Option<Cliente>>;

    /// The clientes that pass the filter, by id.
    fn list(&self, filter: ClienteFilter) -> BoxFuture<'_, Vec<Cliente>>;

    /// Give a cliente another name and e-mail address.
    fn update(&self, id: ClienteId, nombre: Nombre, email: Email) -> BoxFuture<'_, Result<Option<Cliente>, ClienteError>>;

    /// Delete a cliente without pagos, and its recargas with it.
    fn delete(&self, id: ClienteId) -> BoxFuture<'_, Result<Option<()>, DeletionError>>;

    /// Credit a cliente and note the recarga, in the same unit.
    fn credit(
        &self,
        id: ClienteId,
        monto: PositiveMonto,
        key: Option<Arc<KeyedRequest>>,
    ) -> BoxFuture<'_, Keyed<Result<Cliente, RecargaError>>>;
}
