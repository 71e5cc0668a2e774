//! Somebody who waits for an outcome, or has gone.

use std::pin::Pin;
use std::task::{Context, Poll};

use standards_core::idempotency::Keyed;
use standards_core::log::Record;
use standards_core::{Failure, RequestContext, context};
use tokio::sync::oneshot;

use super::outcome::Outcome;

/// Logs what was reached.
pub(super) type Anuncio = Box<dyn FnOnce() + Send>;

/// An outcome, and what is to be logged of it.
struct Fin<T> {
    outcome: Outcome<T>,
    anuncio: Option<Anuncio>,
}

/// The end at which the outcome is known.
pub(super) struct Llamada<T> {
    respuesta: oneshot::Sender<Fin<T>>,
    request: Option<RequestContext>,
}

/// The end at which it is awaited. Whoever drops it stops nothing, and a failure that nobody read is logged instead.
#[must_use = "the work goes on without it"]
pub struct Espera<T> {
    respuesta: oneshot::Receiver<Fin<T>>,
    request: Option<RequestContext>,
}

/// The two ends, for the request at hand.
pub(super) fn llamada<T>() -> (Llamada<T>, Espera<T>) {
    let (emisor, receptor) = oneshot::channel();
    let request = context::current();
    (Llamada { respuesta: emisor, request: request.clone() }, Espera { respuesta: receptor, request })
}

impl<T> Llamada<T> {
    /// The request that waits.
    pub(super) const fn request(&self) -> Option<&RequestContext> {
        self.request.as_ref()
    }

    /// Does what is to be logged under the request's id.
    pub(super) fn en_contexto<R>(&self, work: impl FnOnce() -> R) -> R {
        en_contexto(self.request.as_ref(), work)
    }

    /// Tells the outcome, or logs it where nobody waits for it.
    pub(super) fn responder(self, outcome: Outcome<T>) {
        self.enviar(Fin { outcome, anuncio: None });
    }

    /// The same for an outcome that is logged in any case: by whoever waits for it, who does not delay its answer for that.
    pub(super) fn anunciar(self, outcome: Outcome<T>, anuncio: impl FnOnce() + Send + 'static) {
        self.enviar(Fin { outcome, anuncio: Some(Box::new(anuncio)) });
    }

    fn enviar(self, fin: Fin<T>) {
        let Self { respuesta, request } = self;
        if let Err(unread) = respuesta.send(fin) {
            en_contexto(request.as_ref(), || registrar(unread));
        }
    }
}

impl<T> Future for Espera<T> {
    type Output = Outcome<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome<T>> {
        Pin::new(&mut self.respuesta).poll(cx).map(|fin| match fin {
            Ok(Fin { outcome, anuncio }) => {
                en_contexto(self.request.as_ref(), || anuncio.into_iter().for_each(context::defer));
                outcome
            }
            Err(_) => Keyed::Fresh(Err(Failure::unavailable("the engine has stopped"))),
        })
    }
}

impl<T> Drop for Espera<T> {
    fn drop(&mut self) {
        // From here on the other end logs it; what it had sent already is logged here.
        self.respuesta.close();
        if let Ok(unread) = self.respuesta.try_recv() {
            en_contexto(self.request.as_ref(), || registrar(unread));
        }
    }
}

fn en_contexto<R>(request: Option<&RequestContext>, work: impl FnOnce() -> R) -> R {
    match request {
        Some(request) => context::sync_scope(request.clone(), work),
        None => work(),
    }
}

/// What nobody reads. A failure is logged by whoever answers it, and here nobody does.
fn registrar<T>(Fin { outcome, anuncio }: Fin<T>) {
    anuncio.into_iter().for_each(|anuncio| anuncio());
    if let Err(failure) = outcome.into_result() {
        let message = format!("Terminó sin quien esperara la respuesta: {}", failure.message());
        Record::new(failure.entry().level, message).target(module_path!()).failure(&failure).emit();
    }
}
