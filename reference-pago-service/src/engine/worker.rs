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

use super::order::Order;
use super::retry::with_retries;
use crate::database::{Remedy, RepositoryError};
use crate::models::ClienteId;
use crate::repositories::{Atencion, Batch, LockWait, PagoRepository, Respuesta};

/// How long the engine leaves a database alone that failed twice in a row: a server that has no connection left is not helped by
/// attempts.
const DESCANSO: Duration = Duration::from_millis(200);
/// How long the engine stays awake for another order after it has decided a lone one.
const VIGILIA: Duration = Duration::from_micros(50);
/// Parts of a batch that are decided at the same time.
const PARTES: usize = 4;

/// One of the engine's two lanes.
#[derive(Clone)]
pub(super) struct Lane {
    /// Whether it waits for a cliente's row.
    pub(super) paciencia: LockWait,
    /// Where orders go whose cliente it did not wait for.
    pub(super) aparte: Option<Sender<Order>>,
    /// Set while it has nothing to do.
    pub(super) libre: Option<Arc<AtomicBool>>,
}

/// What the lanes work with.
pub(super) struct Worker {
    pagos: Arc<dyn PagoRepository>,
    at_most: usize,
}

/// The end of the engine, looked out for from one batch to the next.
type Alto<'a, 't> = Pin<&'a mut WaitForCancellationFuture<'t>>;

/// Whether the database is there.
#[derive(PartialEq, Eq)]
enum Estado {
    Responde,
    Falta,
}

impl Worker {
    pub(super) fn new(pagos: Arc<dyn PagoRepository>, at_most: usize) -> Self {
        Self { pagos, at_most }
    }

    /// Decides what waits, as long as anybody may still send something.
    pub(super) async fn trabajar(self: Arc<Self>, mut queue: Receiver<Order>, lane: Lane, alto: CancellationToken) {
        let (mut fallos, mut alto): (u32, _) = (0, pin!(alto.cancelled()));
        while let Some(orders) = lane.siguiente(&mut queue, self.at_most, alto.as_mut()).await {
            let solo = orders.len() == 1;
            let estado = match lane.paciencia {
                LockWait::Skip => self.atender(orders, &lane).await,
                // One cliente's row is not waited for while another's is held.
                LockWait::Espera => self.repartir(por_cliente(orders), &lane).await,
            };
            if solo {
                lane.atisbar(&queue).await;
            }
            fallos = if estado == Estado::Falta { fallos.saturating_add(1) } else { 0 };
            descansar(&mut queue, fallos).await;
        }
    }

    async fn atender(self: &Arc<Self>, mut orders: Vec<Order>, lane: &Lane) -> Estado {
        let batch: Batch = orders.iter().map(|order| order.order.clone()).collect();
        let decision = with_retries(|| self.pagos.decidir(batch.clone(), lane.paciencia));
        let decision = sin_panico(en_nombre_de(peticion(&orders), decision));
        match mientras(decision, || orders.iter_mut().for_each(Order::iniciar)).await {
            Ok(Ok(respuestas)) => entregar(orders, respuestas, lane.aparte.as_ref()),
            Ok(Err(error)) => return self.remediar(orders, error, lane).await,
            Err(panic) => fallar_todos(orders, RepositoryError::internal(panic.cause_chain())),
        }
        Estado::Responde
    }

    /// What certainly came to nothing is decided in parts: by cliente, then one by one.
    async fn remediar(self: &Arc<Self>, orders: Vec<Order>, error: RepositoryError, lane: &Lane) -> Estado {
        let remedio = error.remedy();
        if remedio == Remedy::GiveUp {
            fallar_todos(orders, error);
            return Estado::Falta;
        }
        let mut partes = por_cliente(orders);
        if partes.len() == 1 {
            let orders = partes.remove(0);
            // The orders of one cliente wait for the same row: none of them will get it.
            if orders.len() == 1 || remedio == Remedy::SplitByRow {
                fallar_todos(orders, error);
                return Estado::Responde;
            }
            partes = orders.into_iter().map(|order| vec![order]).collect();
        }
        self.repartir(partes, lane).await
    }

    /// Decides several batches, some of them at the same time.
    fn repartir<'t>(
        self: &'t Arc<Self>,
        partes: Vec<Vec<Order>>,
        lane: &'t Lane,
    ) -> Pin<Box<dyn Future<Output = Estado> + Send + 't>> {
        Box::pin(async move {
            let (mut tareas, mut estado) = (JoinSet::new(), Estado::Responde);
            for parte in partes {
                if tareas.len() >= PARTES {
                    estado = estado.y(tareas.join_next().await.as_ref());
                }
                let (worker, lane) = (self.clone(), lane.clone());
                tareas.spawn(async move { worker.atender(parte, &lane).await });
            }
            while let Some(fin) = tareas.join_next().await {
                estado = estado.y(Some(&fin));
            }
            estado
        })
    }
}

impl Lane {
    /// What waits, or the next to come. Meanwhile the lane is free.
    async fn siguiente(&self, queue: &mut Receiver<Order>, at_most: usize, alto: Alto<'_, '_>) -> Option<Vec<Order>> {
        self.liberar(true);
        let orders = siguiente(queue, at_most, alto).await;
        self.liberar(false);
        orders
    }

    /// Lets the caller answer, and looks out for the next order for a moment: a client that pays again at once meets a thread that is
    /// awake. To wake one takes a good part of what the service adds to a payment.
    async fn atisbar(&self, queue: &Receiver<Order>) {
        self.liberar(true);
        let desde = Instant::now();
        while queue.is_empty() && desde.elapsed() < VIGILIA {
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
fn peticion(orders: &[Order]) -> Option<RequestContext> {
    match orders {
        [solo] => solo.request().cloned(),
        _ => None,
    }
}

/// Does `trabajo`, so that what is logged meanwhile has the id of `peticion`.
async fn en_nombre_de<F: Future>(peticion: Option<RequestContext>, trabajo: F) -> F::Output {
    match peticion {
        Some(peticion) => context::task_scope(peticion, trabajo).await,
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
async fn siguiente(queue: &mut Receiver<Order>, at_most: usize, alto: Alto<'_, '_>) -> Option<Vec<Order>> {
    let mut orders = Vec::new();
    tokio::select! {
        biased;
        _ = queue.recv_many(&mut orders, at_most) => {}
        () = alto => {
            queue.close();
            queue.recv_many(&mut orders, at_most).await;
        }
    }
    (!orders.is_empty()).then_some(orders)
}

/// After a failure what waits is refused; after the next one the database is left alone for a while.
async fn descansar(queue: &mut Receiver<Order>, fallos: u32) {
    if fallos > 0 {
        vaciar(queue);
    }
    if fallos > 1 {
        tokio::time::sleep(DESCANSO).await;
    }
}

/// Refuses what waits: the database is not there, and none of it has been sent.
fn vaciar(queue: &mut Receiver<Order>) {
    while let Ok(order) = queue.try_recv() {
        order.terminar(Keyed::Fresh(Err(Failure::unavailable("the database is unavailable"))));
    }
}

/// The orders of each cliente, in the order in which they arrived.
fn por_cliente(orders: Vec<Order>) -> Vec<Vec<Order>> {
    let mut partes: BTreeMap<ClienteId, Vec<Order>> = BTreeMap::new();
    for order in orders {
        partes.entry(order.order.nuevo.cliente_id).or_default().push(order);
    }
    partes.into_values().collect()
}

fn entregar(orders: Vec<Order>, respuestas: Vec<Respuesta>, aparte: Option<&Sender<Order>>) {
    let mut respuestas = respuestas.into_iter();
    for order in orders {
        match respuestas.next() {
            Some(Ok(Atencion::Decidida(resolucion))) => order.resolver(resolucion),
            Some(Ok(Atencion::Pospuesta)) => apartar(order, aparte),
            Some(Err(error)) => order.fallar(&error),
            None => order.fallar(&RepositoryError::internal("an order without an answer")),
        }
    }
}

fn apartar(order: Order, aparte: Option<&Sender<Order>>) {
    if let Some(Ok(lugar)) = aparte.map(Sender::try_reserve) {
        lugar.send(order);
    } else {
        let failure = Failure::unavailable("too many orders wait for the rows of their clientes");
        order.terminar(Keyed::Fresh(Err(failure)));
    }
}

fn fallar_todos(orders: Vec<Order>, error: RepositoryError) {
    for order in orders {
        order.fallar(&error);
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
