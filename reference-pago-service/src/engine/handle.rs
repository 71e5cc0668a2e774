//! The engine as its callers see it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use standards_core::idempotency::{InFlightGuard, Keyed};
use standards_core::{Failure, context};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{self, Sender};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::order::Order;
use super::outcome::Outcome;
use super::ticket::{Espera, llamada};
use super::worker::{Lane, Worker, sin_panico};
use crate::models::Pago;
use crate::repositories::{LockWait, PagoOrder, PagoRepository};

/// How much the engine takes in and how much of it at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Orders that may wait; one more is refused.
    pub queue: usize,
    /// Orders that are decided together at most.
    pub batch: usize,
}

impl Default for Capacity {
    /// 1024 waiting, 256 together.
    fn default() -> Self {
        Self { queue: 1024, batch: 256 }
    }
}

/// The engine of one process. Clones share it; it ends when the last of them is gone or it is [closed](Self::cerrar).
#[derive(Clone)]
pub struct Engine {
    queue: Sender<Order>,
    alto: CancellationToken,
    tareas: TaskTracker,
    /// Whether the next order is decided at once.
    libre: Arc<AtomicBool>,
}

impl Engine {
    /// Starts the engine on top of a repository.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    #[must_use]
    pub fn iniciar(pagos: Arc<dyn PagoRepository>, capacidad: Capacity) -> Self {
        let (queue, principal) = mpsc::channel(capacidad.queue);
        let (aparte, lento) = mpsc::channel(capacidad.queue);
        let (alto, tareas) = (CancellationToken::new(), TaskTracker::new());
        let worker = Arc::new(Worker::new(pagos, capacidad.batch));
        let libre = Arc::new(AtomicBool::new(false));
        let rapido = Lane { paciencia: LockWait::Skip, aparte: Some(aparte), libre: Some(libre.clone()) };
        let lenta = Lane { paciencia: LockWait::Espera, aparte: None, libre: None };
        context::spawn(tareas.track_future(worker.clone().trabajar(principal, rapido, alto.clone())));
        // It ends when the first lane does, with whatever that one still put aside.
        context::spawn(tareas.track_future(worker.trabajar(lento, lenta, CancellationToken::new())));
        Self { queue, alto, tareas, libre }
    }

    /// Takes an order in, for the request at hand. From here on it ends by itself; `guardia` keeps its key until then.
    ///
    /// `inicio` tells that it was taken in. That happens now, or, where the order can be decided at once, as soon as the database has
    /// it: telling does not delay it.
    pub fn pagar(
        &self,
        order: PagoOrder,
        guardia: Option<InFlightGuard>,
        inicio: impl FnOnce() + Send + 'static,
    ) -> Espera<Pago> {
        let (llamada, espera) = llamada();
        let mut order = Order::new(order, guardia, llamada, inicio);
        if !self.libre.swap(false, Ordering::Relaxed) {
            order.iniciar();
        }
        match self.queue.try_send(order) {
            Ok(()) => {}
            Err(TrySendError::Full(order)) => order.terminar(rechazo("the payment queue is full")),
            Err(TrySendError::Closed(order)) => order.terminar(rechazo("the engine has stopped")),
        }
        espera
    }

    /// Does other work with the same guarantees: in a task of its own, to its end, whether or not the caller waits.
    pub fn aparte<T, F>(&self, guardia: Option<InFlightGuard>, trabajo: F) -> Espera<T>
    where
        T: Send + 'static,
        F: Future<Output = Outcome<T>> + Send + 'static,
    {
        let (llamada, espera) = llamada();
        context::spawn(self.tareas.track_future(async move {
            let outcome = sin_panico(trabajo).await.unwrap_or_else(|panic| Keyed::Fresh(Err(panic)));
            drop(guardia);
            llamada.responder(outcome);
        }));
        espera
    }

    /// Takes nothing more in, and returns when everything that was taken in has ended.
    pub async fn cerrar(&self) {
        self.alto.cancel();
        self.tareas.close();
        self.tareas.wait().await;
    }
}

fn rechazo(motivo: &'static str) -> Outcome<Pago> {
    Keyed::Fresh(Err(Failure::unavailable(motivo)))
}
