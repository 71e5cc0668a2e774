//! An order, from the moment it was taken in until its caller knows, and the ticket by which the caller waits.

use std::pin::Pin;
use std::task::{Context, Poll};

use standards_core::idempotency::{InFlightGuard, Keyed};
use standards_core::log::Record;
use standards_core::{Failure, RequestContext, context};
use tokio::sync::oneshot;
use tokio::time::Instant;
use tracing::info;

use crate::models::{Accepted, Pago, PagoError, Verdict};
use crate::repositories::PagoOrder;

/// What an operation came to, or why it could not be done.
type Answer<T, E> = Result<Keyed<Result<T, E>>, Failure>;

/// Logs what was reached.
type Announce<T, E> = fn(&Keyed<Result<T, E>>);

/// A pago to be decided.
pub(super) struct Order {
    pub(super) asked: PagoOrder,
    caller: Caller<Accepted, PagoError>,
    /// Its key, taken until the outcome is kept.
    guard: Option<InFlightGuard>,
    /// Tells that it was taken in; `None` once that is told.
    begin: Option<Box<dyn FnOnce() + Send>>,
    /// When nobody waits for it any more; `None` where its request has all the time.
    pub(super) deadline: Option<Instant>,
    /// Since when it waits in its lane.
    pub(super) taken_in: Instant,
}

impl Order {
    /// The order, and where its verdict is awaited.
    pub(super) fn new(
        asked: PagoOrder,
        guard: Option<InFlightGuard>,
        begin: impl FnOnce() + Send + 'static,
    ) -> (Self, Ticket<Accepted, PagoError>) {
        let (caller, ticket) = ticket(Some(announce));
        let deadline = caller.request.as_ref().and_then(RequestContext::deadline).map(Instant::from_std);
        (Self { asked, caller, guard, begin: Some(Box::new(begin)), deadline, taken_in: Instant::now() }, ticket)
    }

    /// Tells that it was taken in, if that is not told yet.
    pub(super) fn begin(&mut self) {
        if let Some(begin) = self.begin.take() {
            in_context(self.caller.request.as_ref(), begin);
        }
    }

    /// The request that asks for it.
    pub(super) fn request(&self) -> Option<&RequestContext> {
        self.caller.request.as_ref()
    }

    /// Whether its deadline has passed.
    pub(super) fn is_late(&self, now: Instant) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= now)
    }

    /// Ends what was not taken in. That it was is not told.
    pub(super) fn refuse(mut self, failure: Failure) {
        self.begin = None;
        self.end(Err(failure));
    }

    /// Ends it, whatever it came to.
    pub(super) fn end(mut self, answer: Result<Keyed<Verdict>, Failure>) {
        self.begin();
        // The key is free before the caller knows: it may come again at once.
        drop(self.guard);
        self.caller.tell(answer);
    }
}

/// Tells in the log what happened, as against what had happened before. A refusal is told by whoever answers it.
fn announce(verdict: &Keyed<Verdict>) {
    match verdict {
        Keyed::Fresh(Ok(Accepted { pago, nuevo_saldo })) => {
            let Pago { id, cliente_id, monto, moneda, .. } = pago;
            let (cliente_id, pago_id) = (cliente_id.get(), id.get());
            info!(cliente_id, pago_id, %monto, moneda = moneda.as_str(), %nuevo_saldo, "Pago procesado exitosamente");
        }
        Keyed::Replayed(Ok(Accepted { pago, .. }), _) => {
            info!(cliente_id = pago.cliente_id.get(), pago_id = pago.id.get(), "Respuesta repetida de un pago ya procesado");
        }
        _ => {}
    }
}

/// The end at which the outcome is known.
pub(super) struct Caller<T, E> {
    answer: oneshot::Sender<Answer<T, E>>,
    request: Option<RequestContext>,
    announce: Option<Announce<T, E>>,
}

/// The end at which it is awaited. Whoever drops it stops nothing, and what nobody read is logged instead.
///
/// # Errors
///
/// 503 where the operation could not be done, or the engine has stopped.
#[must_use = "the work goes on without it"]
pub struct Ticket<T, E: Into<Failure>> {
    answer: oneshot::Receiver<Answer<T, E>>,
    request: Option<RequestContext>,
    announce: Option<Announce<T, E>>,
}

/// The two ends, for the request at hand. What is to be logged of the outcome is logged by whoever waits for it, who does not delay
/// its answer for that.
pub(super) fn ticket<T, E: Into<Failure>>(announce: Option<Announce<T, E>>) -> (Caller<T, E>, Ticket<T, E>) {
    let (sender, receiver) = oneshot::channel();
    let request = context::current();
    (Caller { answer: sender, request: request.clone(), announce }, Ticket { answer: receiver, request, announce })
}

impl<T, E: Into<Failure>> Caller<T, E> {
    /// Tells the outcome, or logs it where nobody waits for it.
    pub(super) fn tell(self, answer: Answer<T, E>) {
        let Self { answer: sender, request, announce } = self;
        if let Err(unread) = sender.send(answer) {
            in_context(request.as_ref(), || log_unread(unread, announce));
        }
    }
}

impl<T, E: Into<Failure>> Future for Ticket<T, E> {
    type Output = Answer<T, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer<T, E>> {
        Pin::new(&mut self.answer).poll(cx).map(|answer| {
            let answer = answer.unwrap_or_else(|_| Err(Failure::unavailable("the engine has stopped")));
            if let (Ok(outcome), Some(announce)) = (&answer, self.announce) {
                in_context(self.request.as_ref(), || announce(outcome));
            }
            answer
        })
    }
}

impl<T, E: Into<Failure>> Drop for Ticket<T, E> {
    fn drop(&mut self) {
        // From here on the other end logs it; what it had sent already is logged here.
        self.answer.close();
        if let Ok(unread) = self.answer.try_recv() {
            in_context(self.request.as_ref(), || log_unread(unread, self.announce));
        }
    }
}

fn in_context<R>(request: Option<&RequestContext>, work: impl FnOnce() -> R) -> R {
    match request {
        Some(request) => context::sync_scope(request.clone(), work),
        None => work(),
    }
}

/// What nobody reads. A failure is logged by whoever answers it, and here nobody does.
fn log_unread<T, E: Into<Failure>>(answer: Answer<T, E>, announce: Option<Announce<T, E>>) {
    if let (Ok(outcome), Some(announce)) = (&answer, announce) {
        announce(outcome);
    }
    if let Err(failure) = answer.and_then(Keyed::into_result) {
        let message = format!("Terminó sin quien esperara la respuesta: {}", failure.message());
        Record::new(failure.level(), message).target(module_path!()).failure(&failure).emit();
    }
}
