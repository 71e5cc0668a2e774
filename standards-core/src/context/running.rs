//! The tasks that requests have started and that have not ended yet.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tokio::runtime::{Handle, Id};
use tokio::sync::Notify;

/// How many there are, per runtime: what one runtime's service waits for is not another one's.
static RUNNING: Mutex<Vec<(Id, usize)>> = Mutex::new(Vec::new());

/// Told when a runtime has none left.
static ENDED: Notify = Notify::const_new();

/// One task of a request that has not ended; none outside a runtime.
pub(super) struct Running(Option<Id>);

impl Running {
    pub(super) fn begin() -> Self {
        let runtime = runtime();
        if let Some(runtime) = runtime {
            let mut running = running();
            match running.iter_mut().find(|(id, _)| *id == runtime) {
                Some((_, tasks)) => *tasks += 1,
                None => running.push((runtime, 1)),
            }
        }
        Self(runtime)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let Some(runtime) = self.0 else { return };
        let mut running = running();
        let Some(at) = running.iter().position(|(id, _)| *id == runtime) else { return };
        if let Some((_, tasks @ 2..)) = running.get_mut(at) {
            *tasks -= 1;
        } else {
            running.swap_remove(at);
            ENDED.notify_waiters();
        }
    }
}

fn runtime() -> Option<Id> {
    Handle::try_current().ok().map(|handle| handle.id())
}

fn running() -> MutexGuard<'static, Vec<(Id, usize)>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

pin_project! {
    /// A task's future, counted from when it is made until it is dropped.
    pub(super) struct Counted<F> {
        // Dropped first: what its destructors do is done when it is no longer counted.
        #[pin]
        future: F,
        running: Running,
    }
}

impl<F> Counted<F> {
    pub(super) fn new(future: F) -> Self {
        Self { future, running: Running::begin() }
    }
}

impl<F: Future> Future for Counted<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(cx)
    }
}

/// How many tasks, started by requests through [`spawn`](super::spawn) and its siblings, have not ended on this runtime.
///
/// ```
/// use standards_core::{CorrelationId, RequestContext, context};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let request = RequestContext::new(CorrelationId::generate(), "/pagos", "POST");
/// let task = context::sync_scope(request, || context::spawn(async {}));
/// assert_eq!(context::running_tasks(), 1);
/// task.await.unwrap();
/// assert_eq!(context::running_tasks(), 0);
/// # });
/// ```
#[must_use]
pub fn running_tasks() -> usize {
    runtime().map_or(0, |runtime| count(&running(), runtime))
}

fn count(running: &[(Id, usize)], runtime: Id) -> usize {
    running.iter().find(|(id, _)| *id == runtime).map_or(0, |(_, tasks)| *tasks)
}

/// Resolves as soon as [`running_tasks`] is zero.
///
/// `Service::run` of `standards-axum` waits for it, within the grace period, when it stops. Who serves otherwise does so where the requests have
/// ended:
///
/// ```
/// use std::time::Duration;
/// use standards_core::{CorrelationId, RequestContext, context};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
/// let request = RequestContext::new(CorrelationId::generate(), "/pagos", "POST");
/// context::sync_scope(request, || context::spawn(tokio::time::sleep(Duration::from_millis(400))));
/// let in_time = tokio::time::timeout(Duration::from_secs(10), context::tasks_ended()).await;
/// assert!(in_time.is_ok() && context::running_tasks() == 0);
/// # });
/// ```
pub async fn tasks_ended() {
    loop {
        let mut ended = pin!(ENDED.notified());
        ended.as_mut().enable();
        if running_tasks() == 0 {
            return;
        }
        ended.await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::task::JoinSet;
    use tokio::time::{sleep, timeout};

    use super::*;
    use crate::context::{CorrelationId, JoinSetExt, RequestContext, spawn, spawn_blocking, spawn_worker, sync_scope};

    fn in_request<R>(work: impl FnOnce() -> R) -> R {
        sync_scope(RequestContext::new(CorrelationId::generate(), "/", "GET"), work)
    }

    #[tokio::test(start_paused = true)]
    async fn tasks_of_requests_are_waited_for_and_no_others() {
        spawn(std::future::pending::<()>());
        in_request(|| spawn_worker(std::future::pending::<()>()));
        assert_eq!(running_tasks(), 0);
        in_request(|| spawn(async { drop(spawn(sleep(Duration::from_secs(60)))) }));
        let mut set = JoinSet::new();
        in_request(|| set.spawn_in_context(sleep(Duration::from_secs(90))));
        set.detach_all();
        assert_eq!(running_tasks(), 2);
        assert!(timeout(Duration::from_secs(89), tasks_ended()).await.is_err());
        tasks_ended().await;
        assert_eq!(running_tasks(), 0);
    }

    #[tokio::test]
    async fn what_is_aborted_or_panics_has_ended() {
        let endless = in_request(|| spawn(std::future::pending::<()>()));
        let panicking = in_request(|| spawn(async { panic!("x") }));
        let blocking = in_request(|| spawn_blocking(|| panic!("y")));
        assert_eq!(running_tasks(), 3);
        endless.abort();
        tasks_ended().await;
        assert!(panicking.await.is_err() && blocking.await.is_err());
    }

    #[test]
    fn a_runtime_waits_for_its_own_tasks_only() {
        let runtime = || tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (busy, idle) = (runtime(), runtime());
        busy.block_on(async { drop(in_request(|| spawn(std::future::pending::<()>()))) });
        assert_eq!(busy.block_on(async { running_tasks() }), 1);
        idle.block_on(tasks_ended());
        drop(busy);
    }
}
