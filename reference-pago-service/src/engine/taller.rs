//! The work on a batch, and what is done when it fails.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use standards_core::idempotency::Keyed;
use standards_core::{Failure, RequestContext, catch_panic, context};
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::task::{JoinError, JoinSet, yield_now};
use tokio_util::sync::{CancellationToken, WaitForCancellationFuture};

use super::encargo::Encargo;
use super::reintento::con_reintentos;
use crate::database::{Remedio, RepositoryError};
use crate::models::ClienteId;
use crate::repositories::{Atencion, Lote, Paciencia, PagoRepository, Respuesta};

/// How long the engine leaves a database alone that failed twice in a row: a server that has no connection left is not helped by
/// attempts.
const DESCANSO: Duration = Duration::from_millis(200);
/// How long the engine stays awake for another order after it has decided a lone one.
const VIGILIA: Duration = Duration::from_micros(50);
/// Parts of a batch that are decided at the same time.
const PARTES: usize = 4;

/// One of the engine's two lanes.
#[derive(Clone)]
pub(super) struct Carril {
    /// Whether it waits for a cliente's row.
    pub(super) paciencia: Paciencia,
    /// Where orders go whose cliente it did not wait for.
    pub(super) aparte: Option<Sender<Encargo>>,
    /// Set while it has nothing to do.
    pub(super) libre: Option<Arc<AtomicBool>>,
}

/// What the lanes work with.
pub(super) struct Taller {
    pagos: Arc<dyn PagoRepository>,
    maximo: usize,
}

/// The end of the engine, looked out for from one batch to the next.
type Alto<'a, 't> = Pin<&'a mut WaitForCancellationFuture<'t>>;

/// Whether the database is there.
#[derive(PartialEq, Eq)]
enum Estado {
    Responde,
    Falta,
}

impl Taller {
    pub(super) fn new(pagos: Arc<dyn PagoRepository>, maximo: usize) -> Self {
        Self { pagos, maximo }
    }

    /// Decides what waits, as long as anybody may still send something.
    pub(super) async fn trabajar(self: Arc<Self>, mut cola: Receiver<Encargo>, carril: Carril, alto: CancellationToken) {
        let (mut fallos, mut alto): (u32, _) = (0, pin!(alto.cancelled()));
        while let Some(encargos) = carril.siguiente(&mut cola, self.maximo, alto.as_mut()).await {
            let solo = encargos.len() == 1;
            let estado = match carril.paciencia {
                Paciencia::Ninguna => self.atender(encargos, &carril).await,
                // One cliente's row is not waited for while another's is held.
                Paciencia::Espera => self.repartir(por_cliente(encargos), &carril).await,
            };
            if solo {
                carril.atisbar(&cola).await;
            }
            fallos = if estado == Estado::Falta { fallos.saturating_add(1) } else { 0 };
            descansar(&mut cola, fallos).await;
        }
    }

    async fn atender(self: &Arc<Self>, mut encargos: Vec<Encargo>, carril: &Carril) -> Estado {
        let lote: Lote = encargos.iter().map(|encargo| encargo.orden.clone()).collect();
        let decision = con_reintentos(|| self.pagos.decidir(lote.clone(), carril.paciencia));
        let decision = sin_panico(en_nombre_de(peticion(&encargos), decision));
        match mientras(decision, || encargos.iter_mut().for_each(Encargo::iniciar)).await {
            Ok(Ok(respuestas)) => entregar(encargos, respuestas, carril.aparte.as_ref()),
            Ok(Err(error)) => return self.remediar(encargos, error, carril).await,
            Err(panic) => fallar_todos(encargos, RepositoryError::Internal(panic.cause_chain().into())),
        }
        Estado::Responde
    }

    /// What certainly came to nothing is decided in parts: by cliente, then one by one.
    async fn remediar(self: &Arc<Self>, encargos: Vec<Encargo>, error: RepositoryError, carril: &Carril) -> Estado {
        let remedio = error.remedio();
        if remedio == Remedio::Rendirse {
            fallar_todos(encargos, error);
            return Estado::Falta;
        }
        let mut partes = por_cliente(encargos);
        if partes.len() == 1 {
            let encargos = partes.remove(0);
            // The orders of one cliente wait for the same row: none of them will get it.
            if encargos.len() == 1 || remedio == Remedio::SepararFilas {
                fallar_todos(encargos, error);
                return Estado::Responde;
            }
            partes = encargos.into_iter().map(|encargo| vec![encargo]).collect();
        }
        self.repartir(partes, carril).await
    }

    /// Decides several batches, some of them at the same time.
    fn repartir<'t>(
        self: &'t Arc<Self>,
        partes: Vec<Vec<Encargo>>,
        carril: &'t Carril,
    ) -> Pin<Box<dyn Future<Output = Estado> + Send + 't>> {
        Box::pin(async move {
            let (mut tareas, mut estado) = (JoinSet::new(), Estado::Responde);
            for parte in partes {
                if tareas.len() >= PARTES {
                    estado = estado.y(tareas.join_next().await.as_ref());
                }
                let (taller, carril) = (self.clone(), carril.clone());
                tareas.spawn(async move { taller.atender(parte, &carril).await });
            }
            while let Some(fin) = tareas.join_next().await {
                estado = estado.y(Some(&fin));
            }
            estado
        })
    }
}

impl Carril {
    /// What waits, or the next to come. Meanwhile the lane is free.
    async fn siguiente(&self, cola: &mut Receiver<Encargo>, maximo: usize, alto: Alto<'_, '_>) -> Option<Vec<Encargo>> {
        self.liberar(true);
        let encargos = siguiente(cola, maximo, alto).await;
        self.liberar(false);
        encargos
    }

    /// Lets the caller answer, and looks out for the next order for a moment: a client that pays again at once meets a thread that is
    /// awake. To wake one takes a good part of what the service adds to a payment.
    async fn atisbar(&self, cola: &Receiver<Encargo>) {
        self.liberar(true);
        let desde = Instant::now();
        while cola.is_empty() && desde.elapsed() < VIGILIA {
            yield_now().await;
        }
    }

    fn liberar(&self, libre: bool) {
        if let Some(estado) = &self.libre {
            estado.store(libre, Ordering::Relaxed);
        }
    }
}

impl Estado {
    /// Missing, if either finds it so.
    fn y(self, otro: Option<&Result<Self, JoinError>>) -> Self {
        match otro {
            Some(Ok(Self::Falta)) => Self::Falta,
            _ => self,
        }
    }
}

/// The request of an order that is alone. Orders that are decided together have none in common.
fn peticion(encargos: &[Encargo]) -> Option<RequestContext> {
    match encargos {
        [solo] => solo.request().cloned(),
        _ => None,
    }
}

/// Does `trabajo`, so that what is logged meanwhile has the id of `peticion`.
async fn en_nombre_de<F: Future>(peticion: Option<RequestContext>, trabajo: F) -> F::Output {
    match peticion {
        Some(peticion) => context::scope(peticion, trabajo).await,
        None => trabajo.await,
    }
}

/// The outcome of `trabajo`; once that is under way, does `tarea`.
async fn mientras<F: Future>(trabajo: F, tarea: impl FnOnce()) -> F::Output {
    let (mut trabajo, mut tarea) = (pin!(trabajo), Some(tarea));
    poll_fn(|cx| {
        let poll = trabajo.as_mut().poll(cx);
        if let (Poll::Pending, Some(tarea)) = (&poll, tarea.take()) {
            tarea();
        }
        poll
    })
    .await
}

/// What waits, or what comes next; `None` once nobody can send any more.
async fn siguiente(cola: &mut Receiver<Encargo>, maximo: usize, alto: Alto<'_, '_>) -> Option<Vec<Encargo>> {
    let mut encargos = Vec::new();
    tokio::select! {
        biased;
        _ = cola.recv_many(&mut encargos, maximo) => {}
        () = alto => {
            cola.close();
            cola.recv_many(&mut encargos, maximo).await;
        }
    }
    (!encargos.is_empty()).then_some(encargos)
}

/// After a failure what waits is refused; after the next one the database is left alone for a while.
async fn descansar(cola: &mut Receiver<Encargo>, fallos: u32) {
    if fallos > 0 {
        vaciar(cola);
    }
    if fallos > 1 {
        tokio::time::sleep(DESCANSO).await;
    }
}

/// Refuses what waits: the database is not there, and none of it has been sent.
fn vaciar(cola: &mut Receiver<Encargo>) {
    while let Ok(encargo) = cola.try_recv() {
        encargo.terminar(Keyed::Fresh(Err(Failure::unavailable("the database is unavailable"))));
    }
}

/// The orders of each cliente, in the order in which they arrived.
fn por_cliente(encargos: Vec<Encargo>) -> Vec<Vec<Encargo>> {
    let mut partes: BTreeMap<ClienteId, Vec<Encargo>> = BTreeMap::new();
    for encargo in encargos {
        partes.entry(encargo.orden.nuevo.cliente_id).or_default().push(encargo);
    }
    partes.into_values().collect()
}

fn entregar(encargos: Vec<Encargo>, respuestas: Vec<Respuesta>, aparte: Option<&Sender<Encargo>>) {
    let mut respuestas = respuestas.into_iter();
    for encargo in encargos {
        match respuestas.next() {
            Some(Ok(Atencion::Decidida(resolucion))) => encargo.resolver(resolucion),
            Some(Ok(Atencion::Pospuesta)) => apartar(encargo, aparte),
            Some(Err(error)) => encargo.fallar(&Arc::new(error)),
            None => encargo.fallar(&Arc::new(RepositoryError::Internal("an order without an answer".into()))),
        }
    }
}

fn apartar(encargo: Encargo, aparte: Option<&Sender<Encargo>>) {
    if let Some(Ok(lugar)) = aparte.map(Sender::try_reserve) {
        lugar.send(encargo);
    } else {
        let failure = Failure::unavailable("too many orders wait for the rows of their clientes");
        encargo.terminar(Keyed::Fresh(Err(failure)));
    }
}

fn fallar_todos(encargos: Vec<Encargo>, error: RepositoryError) {
    let error = Arc::new(error);
    for encargo in encargos {
        encargo.fallar(&error);
    }
}

/// Awaits `future` and turns its panic into a failure.
pub(super) async fn sin_panico<F: Future>(future: F) -> Result<F::Output, Failure> {
    let mut future = pin!(future);
    poll_fn(|cx| match catch_panic(|| future.as_mut().poll(cx)) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}
