//! Catch a panic as a failure that still knows where it happened.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use crate::Failure;

thread_local! {
    /// Whether whoever catches the next panic on this thread also reports it.
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    static TRACEBACK: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs `work` and turns a panic into a [`Failure`], 500 `INTERNAL_ERROR`.
///
/// With the log installed, or its [panic hook](crate::log::install_panic_hook) alone, the failure knows the panic's place and way, and the
/// hook leaves the record to whoever logs the failure, so that it stands in the log once.
///
/// ```
/// let failure = standards_core::catch_panic(|| panic!("secreto")).unwrap_err();
/// assert_eq!((failure.status().as_u16(), failure.error_type()), (500, "panic"));
/// assert_eq!(failure.cause_chain(), "secreto");
/// ```
///
/// # Errors
///
/// When `work` panics.
pub fn catch_panic<R>(work: impl FnOnce() -> R) -> Result<R, Failure> {
    let outer = CATCHING.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    CATCHING.set(outer);
    result.map_err(|payload| {
        let traceback = TRACEBACK.take().unwrap_or_else(|| UNKNOWN_PLACE.to_owned());
        Failure::panic(payload.as_ref()).with_traceback(traceback)
    })
}

/// Only the hook of a panic is told where it happened.
const UNKNOWN_PLACE: &str = "<unknown place: the panic hook of standards_core::log is not installed>";

/// The same for a future: a panic while it is polled ends it with that failure.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// assert_eq!(standards_core::catch_panic_async(async { 7 }).await.unwrap(), 7);
/// let failure = standards_core::catch_panic_async(async { panic!("secreto") }).await.unwrap_err();
/// assert_eq!(failure.error_type(), "panic");
/// # });
/// ```
///
/// # Errors
///
/// When `work` panics.
pub async fn catch_panic_async<F: Future>(work: F) -> Result<F::Output, Failure> {
    let mut work = pin!(work);
    poll_fn(|cx| match catch_panic(|| work.as_mut().poll(cx)) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

/// Keeps the panic's place for whoever catches it; `false` where nobody does, and the hook must log it.
pub(crate) fn keep(traceback: impl FnOnce() -> String) -> bool {
    let caught = CATCHING.get();
    if caught {
        TRACEBACK.set(Some(traceback()));
    }
    caught
}
