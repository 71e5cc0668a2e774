//! Clientes and their recargas.

use std::sync::Arc;

use standards_core::Failure;
use standards_core::idempotency::{Key, Keyed};
use tracing::info;

use super::Claves;
use super::keys::{Entrada, idioma};
use crate::engine::{Motor, Outcome, con_reintentos, desenlace};
use crate::error::{AbonoError, BajaError, ClienteDeRuta, ClienteError};
use crate::models::{Cliente, ClienteId, Email, MontoPositivo, Nombre, NuevoCliente};
use crate::repositories::{Actualizacion, Clave, ClienteRepository, Creacion, Eliminacion, FiltroClientes, Recarga, Resolucion};

/// The operation as keys know it: the template of its route.
const RECARGAR: &str = "POST /clientes/{id}/recargas";

/// What can be done with clientes. Names and e-mails never reach the log.
pub struct ClienteService {
    clientes: Arc<dyn ClienteRepository>,
    claves: Claves,
    motor: Motor,
}

impl ClienteService {
    /// A service on top of a repository and the engine.
    #[must_use]
    pub fn new(clientes: Arc<dyn ClienteRepository>, claves: Claves, motor: Motor) -> Self {
        Self { clientes, claves, motor }
    }

    /// Registers a cliente; its opening balance becomes its first recarga.
    ///
    /// # Errors
    ///
    /// [`ClienteError::EmailDuplicado`]; 503 where the database cannot decide now.
    pub async fn crear_cliente(&self, nuevo: NuevoCliente) -> Result<Cliente, Failure> {
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
    /// [`ClienteDeRuta::ClienteNoEncontrado`] where there is none; 503 where the database cannot answer now.
    pub async fn obtener_cliente(&self, id: ClienteId) -> Result<Cliente, Failure> {
        self.clientes.obtener(id).await?.ok_or_else(|| no_encontrado(id))
    }

    /// The clientes that pass the filter, by id.
    ///
    /// # Errors
    ///
    /// 503 where the database cannot answer now.
    pub async fn listar_clientes(&self, filtro: FiltroClientes) -> Result<Vec<Cliente>, Failure> {
        Ok(self.clientes.listar(filtro).await?)
    }

    /// Gives a cliente another name and e-mail.
    ///
    /// # Errors
    ///
    /// [`ClienteDeRuta::ClienteNoEncontrado`], [`ClienteError::EmailDuplicado`]; 503 where the database cannot decide now.
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
    /// [`ClienteDeRuta::ClienteNoEncontrado`], [`BajaError::ClienteConPagos`]; 503 where the database cannot decide now.
    pub async fn eliminar_cliente(&self, id: ClienteId) -> Result<(), Failure> {
        info!(cliente_id = id.get(), "Iniciando eliminación de cliente");
        match self.clientes.eliminar(id).await? {
            Eliminacion::Eliminado => {
                info!(cliente_id = id.get(), "Cliente eliminado exitosamente");
                Ok(())
            }
            Eliminacion::NoEncontrado => Err(no_encontrado(id)),
            Eliminacion::ConPagos => Err(BajaError::ClienteConPagos { cliente_id: id }.into()),
        }
    }

    /// Credits a cliente. It is done, once it was taken in, whether or not the caller waits.
    ///
    /// The outcome is [`ClienteDeRuta::ClienteNoEncontrado`] where there is none, [`AbonoError::SaldoExcedido`] where the balance would
    /// pass its limit, an [`IdempotencyError`](standards_core::idempotency::IdempotencyError) where the key is refused, and 503 where
    /// the database cannot decide now.
    pub async fn recargar_cliente(&self, id: ClienteId, monto: MontoPositivo, key: Option<Key>) -> Outcome<Cliente> {
        info!(cliente_id = id.get(), %monto, "Iniciando recarga");
        let clave = key.map(|key| Clave::new("", RECARGAR, key, format!("{id} {monto}"), idioma()));
        match self.claves.entrar::<Recarga>(clave.as_ref()).await {
            Ok(Entrada::Libre(guardia)) => self.motor.aparte(guardia, recargar(self.clientes.clone(), id, monto, clave)).await,
            Ok(Entrada::Resuelta(previa)) => desenlace(previa, |recarga| recargado(recarga, id, monto)),
            Err(failure) => Keyed::Fresh(Err(failure)),
        }
    }
}

async fn recargar(
    clientes: Arc<dyn ClienteRepository>,
    id: ClienteId,
    monto: MontoPositivo,
    clave: Option<Clave>,
) -> Outcome<Cliente> {
    let resolucion = match con_reintentos(|| clientes.recargar(id, monto, clave.clone())).await {
        Ok(resolucion) => resolucion,
        Err(error) => return Keyed::Fresh(Err(error.into())),
    };
    if let Resolucion::Nueva(Recarga::Recargado(cliente)) = &resolucion {
        info!(cliente_id = id.get(), %monto, nuevo_saldo = %cliente.saldo, "Recarga aplicada exitosamente");
    }
    desenlace(resolucion, |recarga| recargado(recarga, id, monto))
}

fn recargado(recarga: Recarga, id: ClienteId, monto: MontoPositivo) -> Result<Cliente, Failure> {
    match recarga {
        Recarga::Recargado(cliente) => Ok(cliente),
        Recarga::NoEncontrado => Err(no_encontrado(id)),
        Recarga::SaldoExcedido => Err(AbonoError::SaldoExcedido { monto: monto.into() }.into()),
    }
}

#[track_caller]
fn no_encontrado(cliente_id: ClienteId) -> Failure {
    ClienteDeRuta::ClienteNoEncontrado { cliente_id }.into()
}
