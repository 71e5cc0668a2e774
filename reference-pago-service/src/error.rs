//! The service's error catalogue (contract section 2).

use standards_core::error_catalogue;

use crate::models::{ClienteId, Estado, Moneda, Monto, NewPago, Pago, PagoId};
use crate::repositories::Decision;

error_catalogue! {
    /// Why a pago is refused.
    pub enum PagoError {
        /// The cliente named in the body does not exist.
        ClienteNoEncontrado { cliente_id: ClienteId } => 400, "CLIENTE_NO_ENCONTRADO",
            "Cliente con ID {cliente_id} no encontrado", en "Cliente with ID {cliente_id} not found";
        /// The balance is smaller than the amount.
        SaldoInsuficiente { saldo: Monto, monto: Monto } => 400, "SALDO_INSUFICIENTE",
            "Saldo insuficiente. Actual: {saldo}, Requerido: {monto}",
            en "Insufficient balance. Current: {saldo}, required: {monto}";
        /// The cliente's account is kept in another currency.
        MonedaNoCoincide { moneda: Moneda, moneda_cliente: Moneda } => 400, "MONEDA_NO_COINCIDE",
            "La moneda {moneda} no coincide con la del cliente: {moneda_cliente}",
            en "Currency {moneda} is not the cliente's: {moneda_cliente}";
    }
}

error_catalogue! {
    /// Why a cliente is not registered or changed.
    pub enum ClienteError {
        /// Another cliente has this e-mail.
        EmailDuplicado => 400, "EMAIL_DUPLICADO",
            "El email ya está registrado", en "The e-mail is already registered";
    }
}

error_catalogue! {
    /// Why a cliente is not deleted.
    pub enum DeletionError {
        /// A cliente with pagos stays, so that the pagos keep their cliente.
        ClienteConPagos { cliente_id: ClienteId } => 400, "CLIENTE_CON_PAGOS",
            "El cliente con ID {cliente_id} tiene pagos y no se puede eliminar",
            en "The cliente with ID {cliente_id} has pagos and cannot be deleted";
    }
}

error_catalogue! {
    /// Why a pago is not annulled.
    pub enum AnulacionError {
        /// Only a pago in state `PROCESADO` is annulled, and only once.
        PagoNoAnulable { pago_id: PagoId, estado: Estado } => 400, "PAGO_NO_ANULABLE",
            "El pago con ID {pago_id} no se puede anular: está {estado}",
            en "The pago with ID {pago_id} cannot be annulled: it is {estado}";
    }
}

error_catalogue! {
    /// Why a balance is not credited.
    pub enum AbonoError {
        /// The balance would pass 99999999.99.
        SaldoExcedido { monto: Monto } => 400, "SALDO_EXCEDIDO",
            "El abono de {monto} supera el saldo máximo: 99999999.99",
            en "Crediting {monto} would pass the largest balance: 99999999.99";
    }
}

error_catalogue! {
    /// The cliente that the path names does not exist.
    pub enum UnknownCliente {
        /// No cliente has the id in the path.
        ClienteNoEncontrado { cliente_id: ClienteId } => 404, "CLIENTE_NO_ENCONTRADO",
            "Cliente con ID {cliente_id} no encontrado", en "Cliente with ID {cliente_id} not found";
    }
}

error_catalogue! {
    /// The pago that the path names does not exist.
    pub enum UnknownPago {
        /// No pago has the id in the path.
        PagoNoEncontrado { pago_id: PagoId } => 404, "PAGO_NO_ENCONTRADO",
            "Pago con ID {pago_id} no encontrado", en "Pago with ID {pago_id} not found";
    }
}

impl Decision {
    /// The pago, or why it is refused.
    ///
    /// # Errors
    ///
    /// The reason, with the values of the pago that was asked for.
    pub fn pago(self, nuevo: &NewPago) -> Result<Pago, PagoError> {
        let NewPago { cliente_id, monto, moneda } = *nuevo;
        match self {
            Self::Aceptado { pago, .. } => Ok(pago),
            Self::ClienteNoEncontrado => Err(PagoError::ClienteNoEncontrado { cliente_id }),
            Self::SaldoInsuficiente { saldo } => Err(PagoError::SaldoInsuficiente { saldo, monto: monto.into() }),
            Self::MonedaNoCoincide { moneda: moneda_cliente } => Err(PagoError::MonedaNoCoincide { moneda, moneda_cliente }),
        }
    }
}
