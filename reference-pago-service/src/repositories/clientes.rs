//! What is asked about clientes.

use super::{Clave, Resolucion};
use crate::database::BoxFuture;
use crate::models::{Cliente, ClienteId, Email, NewCliente, Nombre, Page, PositiveMonto};

/// The clientes and their recargas.
///
/// Two e-mail addresses are the same when their normalized forms are.
pub trait ClienteRepository: Send + Sync {
    /// Register a cliente; an opening balance above zero becomes its first recarga, in the same
    /// unit.
    fn crear(&self, nuevo: NewCliente) -> BoxFuture<'_, Creacion>;

    /// The cliente with this id, if there is one.
    fn obtener(&self, id: ClienteId) -> BoxFuture<'_, Option<Cliente>>;

    /// The clientes that pass the filter, by id.
    fn listar(&self, filtro: ClienteFilter) -> BoxFuture<'_, Vec<Cliente>>;

    /// Give a cliente another name and e-mail address.
    fn actualizar(&self, id: ClienteId, nombre: Nombre, email: Email) -> BoxFuture<'_, Actualizacion>;

    /// Delete a cliente without pagos, and its recargas with it.
    fn eliminar(&self, id: ClienteId) -> BoxFuture<'_, Eliminacion>;

    /// Credit a cliente and note the recarga, in the same unit.
    fn recargar(&self, id: ClienteId, monto: PositiveMonto, clave: Option<Clave>) -> BoxFuture<'_, Resolucion<Recarga>>;
}

/// Which clientes are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClienteFilter {
    /// Only the one with this address.
    pub email: Option<Email>,
    /// Which part of the list.
    pub page: Page,
}

/// What became of [`ClienteRepository::crear`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Creacion {
    /// Registered so.
    Creado(Cliente),
    /// Another cliente has this address.
    EmailDuplicado,
}

/// What became of [`ClienteRepository::actualizar`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actualizacion {
    /// Now so.
    Actualizado(Cliente),
    /// There is no such cliente.
    NoEncontrado,
    /// Another cliente has this address.
    EmailDuplicado,
}

/// What became of [`ClienteRepository::eliminar`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Eliminacion {
    /// Gone, with its recargas.
    Eliminado,
    /// There is no such cliente.
    NoEncontrado,
    /// It has pagos and stays.
    ConPagos,
}

/// What became of [`ClienteRepository::recargar`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recarga {
    /// Now so.
    Recargado(Cliente),
    /// There is no such cliente.
    NoEncontrado,
    /// The balance would pass the largest amount; nothing was credited.
    SaldoExcedido,
}
