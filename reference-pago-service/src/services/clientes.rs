//! Clientes and their recargas.

use std::sync::Arc;

use standards_core::Failure;
use standards_core::idempotency::{Key, Keyed};
use tracing::info;

use super::Keys;
use super::keys::{Entrada, idioma};
use crate::engine::{Engine, Outcome, desenlace, with_retries};
use crate::error::{AbonoError, ClienteError, DeletionError, UnknownCliente};
use crate::models::{Cliente, ClienteId, Email, NewCliente, Nombre, PositiveMonto};
use crate::repositories::{Actualizacion, Clave, ClienteFilter, ClienteRepository, Creacion, Eliminacion, Recarga, Resolucion};

/// The operation as keys know it: the template of its route.
const RECARGAR: &str = "POST /clientes/{id}/recargas";

/// What can be done with clientes. Names and e-mails never reach the log.
pub struct ClienteService {
    clientes: Arc<dyn ClienteRepository>,
    claves: Keys,
    engine: Engine,
}

impl ClienteService {
    /// A service on top of a repository and the engine.
    #[must_use]
    pub fn new(clientes: Arc<dyn ClienteRepository>, claves: Keys, engine: Engine) -> Self {
        Self { clientes, claves, engine }
    }

    /// Registers a cliente; its opening balance becomes its first recarga.
    ///
    /// # Errors
    ///
    /// [`ClienteError::EmailDuplicado`]; 503 where the database cannot decide now.
    pub async fn crear_cliente(&self, nuevo: NewCliente) -> Result<Cliente, Failure> {
        let (saldo, moneda) = (nuevo.saldo, nuevo.moneda);
        info!(%saldo, moneda = moneda.as_str(), "Iniciando registro de cliente");
        match self.clientes.crear(nuevo).await? {
            Creacion::Creado(cliente) => {
                info!(cliente_id = cliente.id.get(), %saldo, moneda = moneda.as_str(), "Cliente registrado exitosamente");
                Ok(cliente)
            }
            Creacion::EmailDuplicado => Err(ClienteError::EmailDuplicado.into()),
        }
    }

    /// The cliente with this id.
    ///
    /// # Errors
    ///
    /// [`UnknownCliente::ClienteNoEncontrado`] where there is none; 503 where the database cannot answer now.
    pub async fn obtener_cliente(&self, id: ClienteId) -> Result<Cliente, Failure> {
        self.clientes.obtener(id).await?.ok_or_else(|| no_encontrado(id))
    }

    /// The clientes that pass the filter, by id.
    ///
    /// # Errors
    ///
    /// 503 where the database cannot answer now.
    pub async fn listar_clientes(&self, filtro: ClienteFilter) -> Result<Vec<Cliente>, Failure> {
        Ok(self.clientes.listar(filtro).await?)
    }

    /// Gives a cliente another name and e-mail.
    ///
    /// # Errors
    ///
    /// [`UnknownCliente::ClienteNoEncontrado`], [`ClienteError::EmailDuplicado`]; 503 where the database cannot decide now.
    pub async fn actualizar_cliente(&self, id: ClienteId, nombre: Nombre, email: Email) -> Result<Cliente, Failure> {
        info!(cliente_id = id.get(), "Iniciando actualización de cliente");
        match self.clientes.actualizar(id, nombre, email).await? {
            Actualizacion::Actualizado(cliente) => {
                info!(cliente_id = id.get(), "Cliente actualizado exitosamente");
                Ok(cliente)
            }
            Actualizacion::NoEncontrado => Err(no_encontrado(id)),
            Actualizacion::EmailDuplicado => Err(ClienteError::EmailDuplicado.into()),
        }
    }

    /// Deletes a cliente without pagos, and its recargas.
    ///
    /// # Errors
    ///
    /// [`UnknownCliente::ClienteNoEncontrado`], [`DeletionError::ClienteConPagos`]; 503 where the database cannot decide now.
    pub async fn eliminar_cliente(&self, id: ClienteId) -> Result<(), Failure> {
        info!(cliente_id = id.get(), "Iniciando eliminación de cliente");
        match self.clientes.eliminar(id).await? {
            Eliminacion::Eliminado => {
                info!(cliente_id = id.get(), "Cliente eliminado exitosamente");
                Ok(())
            }
            Eliminacion::NoEncontrado => Err(no_encontrado(id)),
            Eliminacion::ConPagos => Err(DeletionError::ClienteConPagos { cliente_id: id }.into()),
        }
    }

    /// Credits a cliente. It is done, once it was taken in, whether or not the caller waits.
    ///
    /// The outcome is [`UnknownCliente::ClienteNoEncontrado`] where there is none, [`AbonoError::SaldoExcedido`] where the balance would
    /// pass its limit, an [`IdempotencyError`](standards_core::idempotency::IdempotencyError) where the key is refused, and 503 where
    /// the database cannot decide now.
    pub async fn recargar_cliente(&self, id: ClienteId, monto: PositiveMonto, key: Option<Key>) -> Outcome<Cliente> {
        info!(cliente_id = id.get(), %monto, "Iniciando recarga");
        let clave = key.map(|key| Clave::new("", RECARGAR, key, format!("{id} {monto}"), idioma()));
        match self.claves.entrar::<Recarga>(clave.as_ref()).await {
            Ok(Entrada::Libre(guardia)) => self.engine.aparte(guardia, recargar(self.clientes.clone(), id, monto, clave)).await,
            Ok(Entrada::Resuelta(previa)) => desenlace(previa, |recarga| recargado(recarga, id, monto)),
            Err(failure) => Keyed::Fresh(Err(failure)),
        }
    }
}

async fn recargar(
    clientes: Arc<dyn ClienteRepository>,
    id: ClienteId,
    monto: PositiveMonto,
    clave: Option<Clave>,
) -> Outcome<Cliente> {
    let resolucion = match with_retries(|| clientes.recargar(id, monto, clave.clone())).await {
        Ok(resolucion) => resolucion,
        Err(error) => return Keyed::Fresh(Err(error.into())),
    };
    if let Resolucion::Nueva(Recarga::Recargado(cliente)) = &resolucion {
        info!(cliente_id = id.get(), %monto, nuevo_saldo = %cliente.saldo, "Recarga aplicada exitosamente");
    }
    desenlace(resolucion, |recarga| recargado(recarga, id, monto))
}

fn recargado(recarga: Recarga, id: ClienteId, monto: PositiveMonto) -> Result<Cliente, Failure> {
    match recarga {
        Recarga::Recargado(cliente) => Ok(cliente),
        Recarga::NoEncontrado => Err(no_encontrado(id)),
        Recarga::SaldoExcedido => Err(AbonoError::SaldoExcedido { monto: monto.into() }.into()),
    }
}

#[track_caller]
fn no_encontrado(cliente_id: ClienteId) -> Failure {
    UnknownCliente::ClienteNoEncontrado { cliente_id }.into()
}
