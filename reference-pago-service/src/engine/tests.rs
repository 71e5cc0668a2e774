//! The engine's policy, on top of a database that does as it is told.

mod callers;
mod failures;
mod lanes;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use super::{Capacity, Engine, Espera, Outcome};
use crate::database::coded::coded;
use crate::database::{BoxFuture, RepositoryError};
use crate::models::{ClienteId, Estado, Moneda, Monto, NewPago, Pago, PagoId, PositiveMonto, Timestamp};
use crate::repositories::{
    Anulacion, Atencion, Batch, Clave, Decision, LockWait, PagoFilter, PagoOrder, PagoRepository, Resolucion, Respuesta,
};

type Guion = dyn Fn(usize, Batch, LockWait) -> BoxFuture<'static, Vec<Respuesta>> + Send + Sync;

/// A database that decides each batch as its script says, and remembers the clientes of each.
struct Falsa {
    guion: Box<Guion>,
    lotes: Mutex<Vec<Vec<i64>>>,
}

impl Falsa {
    fn new(guion: impl Fn(usize, Batch, LockWait) -> BoxFuture<'static, Vec<Respuesta>> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { guion: Box::new(guion), lotes: Mutex::default() })
    }

    /// The clientes of every batch that it was given.
    fn lotes(&self) -> Vec<Vec<i64>> {
        self.lotes.lock().unwrap().clone()
    }
}

impl PagoRepository for Falsa {
    fn decidir(&self, batch: Batch, paciencia: LockWait) -> BoxFuture<'_, Vec<Respuesta>> {
        let mut lotes = self.lotes.lock().unwrap();
        lotes.push(batch.iter().map(|order| order.nuevo.cliente_id.get()).collect());
        (self.guion)(lotes.len(), batch, paciencia)
    }

    fn anular(&self, _: PagoId, _: Option<Clave>) -> BoxFuture<'_, Resolucion<Anulacion>> {
        Box::pin(async { Ok(Resolucion::Nueva(Anulacion::NoEncontrado)) })
    }

    fn obtener(&self, _: PagoId) -> BoxFuture<'_, Option<Pago>> {
        Box::pin(async { Ok(None) })
    }

    fn listar(&self, _: PagoFilter) -> BoxFuture<'_, Vec<Pago>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

fn order(cliente_id: i64) -> PagoOrder {
    let monto = PositiveMonto::new(Monto::from_centavos(100).unwrap()).unwrap();
    PagoOrder { nuevo: NewPago { cliente_id: ClienteId::new(cliente_id).unwrap(), monto, moneda: Moneda::CLP }, clave: None }
}

fn aceptado(order: &PagoOrder) -> Atencion {
    let NewPago { cliente_id, monto, moneda } = order.nuevo;
    let id = PagoId::new(cliente_id.get()).unwrap();
    let (estado, created_at) = (Estado::Procesado, Timestamp::now());
    let pago = Pago { id, cliente_id, monto: monto.monto(), moneda, estado, created_at };
    Atencion::Decidida(Resolucion::Nueva(Decision::Aceptado { pago, nuevo_saldo: Monto::ZERO }))
}

fn todos(batch: &Batch) -> Vec<Respuesta> {
    batch.iter().map(|order| Ok(aceptado(order))).collect()
}

fn lista<T: Send + 'static>(value: Result<T, RepositoryError>) -> BoxFuture<'static, T> {
    Box::pin(async { value })
}

fn respondido(code: &'static str) -> RepositoryError {
    coded(code).into()
}

fn perdida() -> RepositoryError {
    sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into()).into()
}

/// Orders of these clientes, all of them taken in before the first is decided.
fn pagar(engine: &Engine, clientes: impl IntoIterator<Item = i64>) -> Vec<Espera<Pago>> {
    clientes.into_iter().map(|cliente| engine.pagar(order(cliente), None, || ())).collect()
}

fn estado(outcome: Outcome<Pago>) -> u16 {
    outcome.into_result().map_or_else(|failure| failure.status().as_u16(), |_| 200)
}

async fn estados(esperas: Vec<Espera<Pago>>) -> Vec<u16> {
    let mut estados = Vec::new();
    for espera in esperas {
        estados.push(estado(espera.await));
    }
    estados
}

fn sin_repetir(lotes: &[Vec<i64>]) -> BTreeSet<i64> {
    lotes.iter().flatten().copied().collect()
}
