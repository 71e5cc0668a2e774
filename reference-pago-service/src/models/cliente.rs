//! The cliente: who has a balance.

use standards_core::error_catalogue;

use super::{ClienteId, Email, Moneda, Monto, Nombre, Page, Timestamp};

/// A cliente as the database holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cliente {
    /// Given by the database, never reused.
    pub id: ClienteId,
    /// As it was given.
    pub nombre: Nombre,
    /// As it was given; no two clientes have the same, case aside.
    pub email: Email,
    /// The sum of its recargas less the sum of its pagos in state `PROCESADO`.
    pub saldo: Monto,
    /// The only currency it pays in.
    pub moneda: Moneda,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// A cliente to be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCliente {
    /// Its name.
    pub nombre: Nombre,
    /// Its e-mail address.
    pub email: Email,
    /// Its opening balance; when above zero it becomes the first recarga.
    pub saldo: Monto,
    /// Its currency.
    pub moneda: Moneda,
}

/// Which clientes are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClienteFilter {
    /// Only the one with this address.
    pub email: Option<Email>,
    /// Which part of the list.
    pub page: Page,
}

error_catalogue! {
    /// Why a cliente is not registered or changed.
    #[derive(Clone, PartialEq, Eq)]
    pub enum ClienteError {
        /// Another cliente has this e-mail.
        EmailDuplicado => 400, EMAIL_DUPLICADO,
            "El email ya está registrado", en "The e-mail is already registered";
    }
}

error_catalogue! {
    /// The cliente that the path names does not exist.
    #[derive(Clone, PartialEq, Eq)]
    pub enum UnknownCliente {
        /// No cliente has the id in the path.
        ClienteNoEncontrado { cliente_id: ClienteId } => 404, CLIENTE_NO_ENCONTRADO,
            "Cliente con ID {cliente_id} no encontrado", en "Cliente with ID {cliente_id} not found";
    }
}

error_catalogue! {
    /// Why a cliente is not deleted.
    #[derive(Clone, PartialEq, Eq)]
    pub enum DeletionError {
        /// A cliente with pagos stays, so that the pagos keep their cliente.
        ClienteConPagos { cliente_id: ClienteId } => 400, CLIENTE_CON_PAGOS,
            "El cliente con ID {cliente_id} tiene pagos y no se puede eliminar",
            en "The cliente with ID {cliente_id} has pagos and cannot be deleted";
    }
}

error_catalogue! {
    /// Why a balance is not credited.
    #[derive(Clone, PartialEq, Eq)]
    pub enum RecargaError {
        /// No cliente has the id in the path.
        ClienteNoEncontrado { cliente_id: ClienteId } => 404, CLIENTE_NO_ENCONTRADO,
            "Cliente con ID {cliente_id} no encontrado", en "Cliente with ID {cliente_id} not found";
        /// The balance would pass 99999999.99.
        SaldoExcedido { monto: Monto } => 400, SALDO_EXCEDIDO,
            "El abono de {monto} supera el saldo máximo: 99999999.99",
            en "Crediting {monto} would pass the largest balance: 99999999.99";
    }
}
