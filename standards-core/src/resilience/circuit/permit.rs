//! A call that may be made, until its result is told.

use std::fmt;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::thread;

use pin_project_lite::pin_project;

use super::refusal::NotPermitted;
use super::shared::{Shared, Ticket};

/// A call on its way, by a circuit that is lent or shared. Dropped, it is one that nobody waits for; in a panic, one that failed.
pub(super) struct Pass<S: Deref<Target = Shared>> {
    shared: S,
    ticket: Option<Ticket>,
    /// Whether it knows by [`polling`](Self::polling) of the call's own panics: others around it are none of its.
    is_polled: bool,
}

impl<S: Deref<Target = Shared>> Pass<S> {
    pub(super) fn new(shared: S) -> Result<Self, NotPermitted> {
        let ticket = shared.enter()?;
        Ok(Self { shared, ticket, is_polled: false })
    }

    pub(super) fn end(&mut self, failed: bool) {
        if let Some(ticket) = self.ticket.take() {
            self.shared.end(ticket, failed);
        }
    }

    fn give_back(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.shared.give_back(ticket);
        }
    }

    /// Polls the call: a panic in it is a failure.
    pub(super) fn polling<R>(&mut self, poll: impl FnOnce() -> R) -> R {
        struct Unwinding<'a, S: Deref<Target = Shared>>(&'a mut Pass<S>);

        impl<S: Deref<Target = Shared>> Drop for Unwinding<'_, S> {
            fn drop(&mut self) {
                self.0.end(true);
            }
        }

        self.is_polled = true;
        let unwinding = Unwinding(self);
        let polled = poll();
        std::mem::forget(unwinding);
        polled
    }
}

impl<S: Deref<Target = Shared>> Drop for Pass<S> {
    fn drop(&mut self) {
        match self.ticket.take() {
            Some(ticket) if thread::panicking() && !self.is_polled => self.shared.end(ticket, true),
            Some(ticket) => self.shared.abandon(ticket),
            None => {}
        }
    }
}

/// A call that may be made. Its result is told by one of three functions.
///
/// Dropped, it is a call that nobody waits for: another one may take its place, and where it was slow already it counts as slow. In a panic it is
/// one that failed.
///
/// ```
/// use standards_core::resilience::{CircuitBreaker, CircuitPolicy, NotPermitted};
///
/// fn send(queue: &CircuitBreaker, line: &str) -> Result<bool, NotPermitted> {
///     let permit = queue.acquire()?;
///     let sent = line.len() < 100;
///     if sent { permit.success() } else { permit.failure() }
///     Ok(sent)
/// }
///
/// let queue = CircuitBreaker::new("queue", CircuitPolicy::default());
/// assert_eq!(send(&queue, "hola"), Ok(true));
/// assert_eq!(queue.snapshot().calls, 1);
/// ```
#[must_use = "dropping it is giving up the call"]
pub struct Permit(Pass<Arc<Shared>>);

impl Permit {
    pub(super) fn new(shared: Arc<Shared>) -> Result<Self, NotPermitted> {
        Pass::new(shared).map(Self)
    }

    /// The call went well.
    pub fn success(mut self) {
        self.0.end(false);
    }

    /// The call failed.
    pub fn failure(mut self) {
        self.0.end(true);
    }

    /// What became of the call says nothing of whom it asked: another one may take its place.
    pub fn ignore(mut self) {
        self.0.give_back();
    }

    /// Makes the call: `future`, whose output comes back with the permit, so that it can be judged. A panic in it is a failure, and a future that
    /// is dropped before its end a call that nobody waits for.
    ///
    /// ```
    /// use standards_core::resilience::{CircuitBreaker, CircuitPolicy, NotPermitted};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let queue = CircuitBreaker::new("queue", CircuitPolicy::default());
    /// let (status, permit) = queue.acquire()?.watch(async { 503 }).await;
    /// if status < 500 { permit.success() } else { permit.failure() }
    /// assert_eq!(queue.snapshot().failure_rate, Some(100.0));
    /// # Ok::<(), NotPermitted>(())
    /// # }).unwrap();
    /// ```
    pub const fn watch<F: Future>(self, future: F) -> Watched<F> {
        Watched { future, permit: Some(self) }
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Permit").field(&self.0.shared.name()).finish()
    }
}

pin_project! {
    /// The future of [`Permit::watch`].
    #[must_use = "futures do nothing unless polled"]
    pub struct Watched<F> {
        #[pin]
        future: F,
        permit: Option<Permit>,
    }
}

impl<F: Future> Future for Watched<F> {
    type Output = (F::Output, Permit);

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        // Polled after its end, it waits for ever.
        let Some(permit) = this.permit else { return Poll::Pending };
        let output = ready!(permit.0.polling(|| this.future.poll(cx)));
        this.permit.take().map_or(Poll::Pending, |permit| Poll::Ready((output, permit)))
    }
}
