//! Values for tests, from the text they are written as, and the operations that tests repeat.

use reference_pago_service::models::{
    AfterId, Cliente, ClienteId, Email, Limit, Moneda, Monto, NewCliente, NewPago, Nombre, Page, Pago, PositiveMonto, Skip,
};
use reference_pago_service::repositories::{Creacion, Decision, Eliminacion, Recarga, Resolucion};

use super::Fixture;

pub(crate) fn monto(text: &str) -> Monto {
    text.parse().unwrap()
}

pub(crate) fn positivo(text: &str) -> PositiveMonto {
    text.parse().unwrap()
}

pub(crate) fn email(text: &str) -> Email {
    text.parse().unwrap()
}

pub(crate) fn nombre(text: &str) -> Nombre {
    text.parse().unwrap()
}

/// A cliente in CLP.
pub(crate) fn nuevo_cliente(correo: &str, saldo: &str) -> NewCliente {
    NewCliente { nombre: nombre("Ana"), email: email(correo), saldo: monto(saldo), moneda: Moneda::CLP }
}

/// A pago in CLP.
pub(crate) fn nuevo_pago(cliente_id: ClienteId, monto: &str) -> NewPago {
    NewPago { cliente_id, monto: positivo(monto), moneda: Moneda::CLP }
}

/// The part of a list after an id (zero: from its start).
pub(crate) fn pagina(skip: i64, limit: i64, after_id: i64) -> Page {
    Page { skip: Skip::new(skip).unwrap(), limit: Limit::new(limit).unwrap(), after_id: AfterId::new(after_id) }
}

impl Fixture {
    /// Register a cliente.
    pub(crate) async fn crear(&self, nuevo: NewCliente) -> Creacion {
        self.repositories.clientes.crear(nuevo).await.unwrap()
    }

    /// Register a cliente in CLP that must be accepted.
    pub(crate) async fn creado(&self, correo: &str, saldo: &str) -> Cliente {
        match self.crear(nuevo_cliente(correo, saldo)).await {
            Creacion::Creado(cliente) => cliente,
            Creacion::EmailDuplicado => panic!("duplicate"),
        }
    }

    /// The cliente as it is now.
    pub(crate) async fn cliente(&self, id: ClienteId) -> Option<Cliente> {
        self.repositories.clientes.obtener(id).await.unwrap()
    }

    /// Credit a cliente.
    pub(crate) async fn recargar(&self, id: ClienteId, monto: &str) -> Recarga {
        let clientes = &self.repositories.clientes;
        match clientes.recargar(id, positivo(monto), None).await.unwrap() {
            Resolucion::Nueva(recarga) => recarga,
            other => panic!("{other:?}"),
        }
    }

    /// Delete a cliente.
    pub(crate) async fn eliminar(&self, id: ClienteId) -> Eliminacion {
        self.repositories.clientes.eliminar(id).await.unwrap()
    }

    /// Decide a pago.
    pub(crate) async fn procesar(&self, nuevo: NewPago) -> Decision {
        self.repositories.pagos.procesar(nuevo).await.unwrap()
    }

    /// Make a pago in CLP that must be accepted; it and the balance that it leaves.
    pub(crate) async fn aceptado(&self, id: ClienteId, monto: &str) -> (Pago, Monto) {
        match self.procesar(nuevo_pago(id, monto)).await {
            Decision::Aceptado { pago, nuevo_saldo } => (pago, nuevo_saldo),
            refused => panic!("{refused:?}"),
        }
    }
}
