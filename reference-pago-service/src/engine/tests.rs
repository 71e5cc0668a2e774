//! The engine's policy, on top of a database that does as it is told.

mod callers;
mod failures;
mod lanes;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use super::{Capacidad, Espera, Motor, Outcome};
use crate::database::coded::coded;
use crate::database::{Futuro, RepositoryError};
use crate::models::{ClienteId, Estado, Instante, Moneda, Monto, MontoPositivo, NuevoPago, Pago, PagoId};
use crate::repositories::{
    Anulacion, Atencion, Clave, Decision, FiltroPagos, Lote, OrdenPago, Paciencia, PagoRepository, Resolucion, Respuesta,
};

type Guion = dyn Fn(usize, Lote, Paciencia) -> Futuro<'static, Vec<Respuesta>> + Send + Sync;

/// A database that decides each batch as its script says, and remembers the clientes of each.
struct Falsa {
    guion: Box<Guion>,
    lotes: Mutex<Vec<Vec<i64>>>,
}

impl Falsa {
    fn new(guion: impl Fn(usize, Lote, Paciencia) -> Futuro<'static, Vec<Respuesta>> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { guion: Box::new(guion), lotes: Mutex::default() })
    }

    /// The clientes of every batch that it was given.
    fn lotes(&self) -> Vec<Vec<i64>> {
        self.lotes.lock().unwrap().clone()
    }
}

impl PagoRepository for Falsa {
    fn decidir(&self, lote: Lote, paciencia: Paciencia) -> Futuro<'_, Vec<Respuesta>> {
        let mut lotes = self.lotes.lock().unwrap();
        lotes.push(lote.iter().map(|orden| orden.nuevo.cliente_id.get()).collect());
        (self.guion)(lotes.len(), lote, paciencia)
    }

    fn anular(&self, _: PagoId, _: Option<Clave>) -> Futuro<'_, Resolucion<Anulacion>> {
        Box::pin(async { Ok(Resolucion::Nueva(Anulacion::NoEncontrado)) })
    }

    fn obtener(&self, _: PagoId) -> Futuro<'_, Option<Pago>> {
        Box::pin(async { Ok(None) })
    }

    fn listar(&self, _: FiltroPagos) -> Futuro<'_, Vec<Pago>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

fn orden(cliente_id: i64) -> OrdenPago {
    let monto = MontoPositivo::new(Monto::from_centavos(100).unwrap()).unwrap();
    OrdenPago { nuevo: NuevoPago { cliente_id: ClienteId::new(cliente_id).unwrap(), monto, moneda: Moneda::CLP }, clave: None }
}

fn aceptado(orden: &OrdenPago) -> Atencion {
    let NuevoPago { cliente_id, monto, moneda } = orden.nuevo;
    let id = PagoId::new(cliente_id.get()).unwrap();
    let (estado, created_at) = (Estado::Procesado, Instante::now());
    let pago = Pago { id, cliente_id, monto: monto.monto(), moneda, estado, created_at };
    Atencion::Decidida(Resolucion::Nueva(Decision::Aceptado { pago, nuevo_saldo: Monto::ZERO }))
}

fn todos(lote: &Lote) -> Vec<Respuesta> {
    lote.iter().map(|orden| Ok(aceptado(orden))).collect()
}

fn lista<T: Send + 'static>(value: Result<T, RepositoryError>) -> Futuro<'static, T> {
    Box::pin(async { value })
}

fn respondido(code: &'static str) -> RepositoryError {
    coded(code).into()
}

fn perdida() -> RepositoryError {
    sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into()).into()
}

/// Orders of these clientes, all of them taken in before the first is decided.
fn pagar(motor: &Motor, clientes: impl IntoIterator<Item = i64>) -> Vec<Espera<Pago>> {
    clientes.into_iter().map(|cliente| motor.pagar(orden(cliente), None, || ())).collect()
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
