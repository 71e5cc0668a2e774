//! Clientes and their recargas.

use std::sync::Arc;

use standards_core::Failure;
use standards_core::idempotency::{Keyed, KeyedRequest};
use tracing::info;

use super::{Keys, OwnedKey};
use crate::engine::{Engine, with_retries};
use crate::models::{Cliente, ClienteFilter, ClienteId, Email, NewCliente, Nombre, PositiveMonto, RecargaError, UnknownCliente};
use crate::repositories::ClienteRepository;

/// The operation as keys know it: the template of its route.
const RECARGAR_CLIENTE: &str = "POST /clientes/{id}/recargas";

/// What can be done with clientes. Names and e-mails never reach the log.
pub struct ClienteService {
    clientes: Arc<dyn ClienteRepository>,
    keys: Keys,
    engine: Engine,
}

impl ClienteService {
    /// A service on top of a repository and the engine.
    #[must_use]
    pub fn new(clientes: Arc<dyn ClienteRepository>, keys: Keys, engine: Engine) -> Self {
        Self { clientes, keys, engine }
    }

    /// Registers a cliente; its opening balance becomes its first recarga.
    ///
    /// # Errors
    ///
    /// [`ClienteError::EmailDuplicado`](crate::models::ClienteError::EmailDuplicado); 503 where the database cannot decide now.
    pub async fn crear_cliente(&self, new: NewCliente) -> Result<Cliente, Failure> {
        let (saldo, moneda) = (new.saldo, new.moneda);
        info!(%saldo, moneda = moneda.as_str(), "Iniciando registro de cliente");
        let cliente = self.clientes.create(new).await??;
        info!(cliente_id = cliente.id.get(), %saldo, moneda = moneda.as_str(), "Cliente registrado exitosamente");
        Ok(cliente)
    }

    /// The cliente with this id.
    ///
    /// # Errors
    ///
    /// [`UnknownCliente::ClienteNoEncontrado`] where there is none; 503 where the database cannot answer now.
    pub async fn obtener_cliente(&self, id: ClienteId) -> Result<Cliente, Failure> {
        self.clientes.get(id).await?.ok_or_else(|| unknown(id))
    }

    /// The clientes that pass the filter, by id.
    ///
    /// # Errors
    ///
    /// 503 where the database cannot answer now.
    pub async fn listar_clientes(&self, filter: ClienteFilter) -> Result<Vec<Cliente>, Failure> {
        Ok(self.clientes.list(filter).await?)
    }

    /// Gives a cliente another name and e-mail.
    ///
    /// # Errors
    ///
    /// [`UnknownCliente::ClienteNoEncontrado`], [`ClienteError::EmailDuplicado`](crate::models::ClienteError::EmailDuplicado); 503 where the database cannot decide now.
    pub async fn actualizar_cliente(&self, id: ClienteId, nombre: Nombre, email: Email) -> Result<Cliente, Failure> {
        info!(cliente_id = id.get(), "Iniciando actualización de cliente");
        let cliente = self.clientes.update(id, nombre, email).await??.ok_or_else(|| unknown(id))?;
        info!(cliente_id = id.get(), "Cliente actualizado exitosamente");
        Ok(cliente)
    }

    /// Deletes a cliente without pagos, and its recargas.
    ///
    /// # Errors
    ///
    /// [`UnknownCliente::ClienteNoEncontrado`], [`DeletionError::ClienteConPagos`](crate::models::DeletionError::ClienteConPagos); 503 where the database cannot decide now.
    pub async fn eliminar_cliente(&self, id: ClienteId) -> Result<(), Failure> {
        info!(cliente_id = id.get(), "Iniciando eliminación de cliente");
        self.clientes.delete(id).await??.ok_or_else(|| unknown(id))?;
        info!(cliente_id = id.get(), "Cliente eliminado exitosamente");
        Ok(())
    }

    /// Credits a cliente. It is done, once it was taken in, whether or not the caller waits.
    ///
    /// The verdict is a [`RecargaError`] where there is no such cliente, or the balance would pass its limit.
    ///
    /// # Errors
    ///
    /// An [`IdempotencyError`](standards_core::idempotency::IdempotencyError) where the key is being worked on; 503 where the database
    /// cannot decide now.
    pub async fn recargar_cliente(
        &self,
        id: ClienteId,
        monto: PositiveMonto,
        key: Option<OwnedKey>,
    ) -> Result<Keyed<Result<Cliente, RecargaError>>, Failure> {
        info!(cliente_id = id.get(), %monto, "Iniciando recarga");
        let key = key.map(|key| key.request(RECARGAR_CLIENTE, format!("{id} {monto}")));
        let work = credit(self.clientes.clone(), id, monto, key.clone());
        self.keys.once(key.as_ref(), &(id, monto), |guard| self.engine.run(guard, work)).await
    }
}

async fn credit(
    clientes: Arc<dyn ClienteRepository>,
    id: ClienteId,
    monto: PositiveMonto,
    key: Option<Arc<KeyedRequest>>,
) -> Result<Keyed<Result<Cliente, RecargaError>>, Failure> {
    let verdict = with_retries(|| clientes.credit(id, monto, key.clone())).await?;
    if let Keyed::Fresh(Ok(cliente)) = &verdict {
        info!(cliente_id = id.get(), %monto, nuevo_saldo = %cliente.saldo, "Recarga aplicada exitosamente");
    }
    Ok(verdict)
}

#[track_caller]
fn unknown(cliente_id: ClienteId) -> Failure {
    UnknownCliente::ClienteNoEncontrado { cliente_id }.into()
}
