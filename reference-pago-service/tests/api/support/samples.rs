//! Values for tests, from the text they are written as, and the operations that tests repeat.

use reference_pago_service::models::{
    Accepted, Cliente, ClienteError, ClienteId, DeletionError, Email, Moneda, Monto, NewCliente, NewPago, Nombre, Page, Pago,
    PositiveMonto, RecargaError, Verdict,
};
use reference_pago_service::repositories::{Batch, LockWait, PagoOrder};

use super::Fixture;

pub(crate) fn monto(text: &str) -> Monto {
    text.parse().unwrap()
}

pub(crate) fn positive(text: &str) -> PositiveMonto {
    text.parse().unwrap()
}

pub(crate) fn email(text: &str) -> Email {
    text.parse().unwrap()
}

pub(crate) fn nombre(text: &str) -> Nombre {
    text.parse().unwrap()
}

/// A cliente in CLP.
pub(crate) fn new_cliente(address: &str, saldo: &str) -> NewCliente {
    NewCliente { nombre: nombre("Ana"), email: email(address), saldo: monto(saldo), moneda: Moneda::CLP }
}

/// A pago in CLP.
pub(crate) fn new_pago(cliente_id: ClienteId, monto: &str) -> NewPago {
    NewPago { cliente_id, monto: positive(monto), moneda: Moneda::CLP }
}

/// The part of a list after an id (zero: from its start).
pub(crate) const fn page(skip: i64, limit: i64, after_id: i64) -> Page {
    Page { skip, limit, after_id }
}

impl Fixture {
    /// Register a cliente.
    pub(crate) async fn create(&self, new: NewCliente) -> Result<Cliente, ClienteError> {
        self.repositories.clientes.create(new).await.unwrap()
    }

    /// Register a cliente in CLP that must be accepted.
    pub(crate) async fn created(&self, address: &str, saldo: &str) -> Cliente {
        self.create(new_cliente(address, saldo)).await.unwrap()
    }

    /// The cliente as it is now.
    pub(crate) async fn cliente(&self, id: ClienteId) -> Option<Cliente> {
        self.repositories.clientes.get(id).await.unwrap()
    }

    /// Credit a cliente.
    pub(crate) async fn credit(&self, id: ClienteId, monto: &str) -> Result<Cliente, RecargaError> {
        self.repositories.clientes.credit(id, positive(monto), None).await.unwrap().outcome().unwrap()
    }

    /// Delete a cliente.
    pub(crate) async fn delete(&self, id: ClienteId) -> Result<Option<()>, DeletionError> {
        self.repositories.clientes.delete(id).await.unwrap()
    }

    /// Decide a pago.
    pub(crate) async fn pay(&self, pago: NewPago) -> Verdict {
        let batch = Batch::from([PagoOrder { pago, key: None }]);
        let mut verdicts = self.repositories.pagos.decide(batch, LockWait::Wait).await.unwrap();
        verdicts.pop().unwrap().unwrap().outcome().unwrap()
    }

    /// Make a pago in CLP that must be accepted; it and the balance that it leaves.
    pub(crate) async fn accepted(&self, id: ClienteId, monto: &str) -> (Pago, Monto) {
        let Accepted { pago, nuevo_saldo } = self.pay(new_pago(id, monto)).await.unwrap();
        (pago, nuevo_saldo)
    }
}
