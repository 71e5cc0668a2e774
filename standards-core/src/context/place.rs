//! Which work says that it belongs to the process, so that a debug build can tell it from work that lost its request.
//!
//! A release build knows nothing of it, and nothing costs anything there.

use std::future::Future;

#[cfg(debug_assertions)]
tokio::task_local! {
    static OF_PROCESS: ();
}

/// The process's work, in a task.
#[cfg(debug_assertions)]
pub(super) fn of_process<F: Future>(future: F) -> impl Future<Output = F::Output> + use<F> {
    OF_PROCESS.scope((), future)
}

#[cfg(not(debug_assertions))]
pub(super) fn of_process<F: Future>(future: F) -> F {
    future
}

/// The process's work, on this thread.
#[cfg(debug_assertions)]
pub(super) fn sync_of_process<R>(work: impl FnOnce() -> R) -> R {
    OF_PROCESS.sync_scope((), work)
}

#[cfg(not(debug_assertions))]
pub(super) fn sync_of_process<R>(work: impl FnOnce() -> R) -> R {
    work()
}

/// Whether this code, which serves no request, runs where nobody said that it is the process's: in a task that was spawned bare, or on a
/// thread that has neither a name nor a runtime. `main`, and what a runtime blocks on, is the process's.
#[cfg(debug_assertions)]
pub(crate) fn is_stray() -> bool {
    let is_declared = OF_PROCESS.try_with(|()| ()).is_ok();
    !is_declared && (tokio::task::try_id().is_some() || is_nameless_thread())
}

#[cfg(debug_assertions)]
fn is_nameless_thread() -> bool {
    std::thread::current().name().is_none() && tokio::runtime::Handle::try_current().is_err()
}
