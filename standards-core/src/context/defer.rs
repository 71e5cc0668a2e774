//! Work that must not delay an answer.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{current, sync_scope};

type Work = Box<dyn FnOnce()>;

thread_local! {
    /// What waits on this thread for an answer to be sent; `None` where nothing has to.
    static HELD: Cell<Option<Vec<Work>>> = const { Cell::new(None) };
}

/// Does `work` on behalf of the request at hand: where a server holds it back when the answer has been sent, else at once.
///
/// For what has to be told of a request and need not be waited for, such as its records in the log. It runs on this thread, in the order
/// in which it was deferred, and whatever becomes of the request. Where work that was held back panics, the panic is logged and ends there.
///
/// ```
/// use standards_core::{__private, context};
///
/// let (tell, told) = std::sync::mpsc::channel();
/// __private::holding(|| {
///     let later = tell.clone();
///     context::defer(move || later.send("answered").unwrap());
///     tell.send("answer").unwrap();
/// });
/// assert_eq!(told.try_iter().collect::<Vec<_>>(), ["answer", "answered"]);
/// ```
///
/// # Example: nobody holds it back
///
/// ```
/// let (tell, told) = std::sync::mpsc::channel();
/// standards_core::context::defer(move || tell.send("at once").unwrap());
/// assert_eq!(told.try_recv(), Ok("at once"));
/// ```
pub fn defer(work: impl FnOnce() + 'static) {
    match HELD.try_with(Cell::take).ok().flatten() {
        Some(mut held) => {
            held.push(in_current(work));
            HELD.set(Some(held));
        }
        None => work(),
    }
}

/// Work is done when the request's scope has been left, so it takes the context with it.
fn in_current(work: impl FnOnce() + 'static) -> Work {
    match current() {
        Some(request) => Box::new(move || sync_scope(request, work)),
        None => Box::new(work),
    }
}

/// Runs `work`, which sends answers, and after it what it [deferred](defer), be it that it panics.
pub fn holding<R>(work: impl FnOnce() -> R) -> R {
    let _held = Held::begin();
    work()
}

/// Holds work back until it is dropped.
struct Held {
    outermost: bool,
}

impl Held {
    fn begin() -> Self {
        let held = HELD.take();
        let outermost = held.is_none();
        HELD.set(Some(held.unwrap_or_default()));
        Self { outermost }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.outermost {
            HELD.take().into_iter().flatten().for_each(finish);
        }
    }
}

/// Does one piece of work. Its panic concerns neither the pieces after it nor the answer, and must not meet another one that is under
/// way, which would end the process. The panic hook logs it.
fn finish(work: Work) {
    let _logged = catch_unwind(AssertUnwindSafe(work));
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::context::{CorrelationId, RequestContext, with_current};

    /// What was done, in order, each with the id of its request.
    #[derive(Clone, Default)]
    struct Done(Arc<Mutex<Vec<String>>>);

    impl Done {
        fn now(&self, what: &str) {
            let id = with_current(|request| request.map(|request| request.correlation_id().to_string()));
            self.0.lock().unwrap().push(format!("{what} {}", id.unwrap_or_default()));
        }

        fn later(&self, what: &'static str) {
            let done = self.clone();
            defer(move || done.now(what));
        }

        fn all(&self) -> Vec<String> {
            self.0.lock().unwrap().clone()
        }
    }

    fn within(id: &str, work: impl FnOnce()) {
        sync_scope(RequestContext::new(CorrelationId::parse(id).unwrap(), "/", "GET"), work);
    }

    #[test]
    fn deferred_work_is_done_afterwards_on_behalf_of_its_request() {
        let done = Done::default();
        holding(|| {
            within("a", || done.later("told"));
            holding(|| within("b", || done.later("told")));
            done.now("sent");
        });
        assert_eq!(done.all(), ["sent ", "told a", "told b"]);
    }

    #[test]
    fn where_nothing_is_held_back_it_is_done_at_once() {
        let done = Done::default();
        within("a", || done.later("told"));
        done.now("sent");
        assert_eq!(done.all(), ["told a", "sent "]);
    }

    #[test]
    fn what_is_deferred_by_deferred_work_is_done_too() {
        let done = Done::default();
        let (inner, outer) = (done.clone(), done.clone());
        holding(|| defer(move || inner.later("told")));
        outer.now("end");
        assert_eq!(done.all(), ["told ", "end "]);
    }

    #[test]
    fn a_panic_loses_nothing() {
        let done = Done::default();
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            holding(|| {
                done.later("told");
                panic!("half-way");
            })
        }));
        assert!(outcome.is_err());
        assert_eq!(done.all(), ["told "]);
    }

    #[test]
    fn deferred_work_that_panics_takes_nothing_with_it() {
        let done = Done::default();
        holding(|| {
            defer(|| panic!("while telling"));
            done.later("told");
        });
        assert_eq!(done.all(), ["told "]);
    }

    #[test]
    fn not_even_where_the_answer_panics_too() {
        let done = Done::default();
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            holding(|| {
                defer(|| panic!("while telling"));
                done.later("told");
                panic!("half-way");
            })
        }));
        assert!(outcome.is_err());
        assert_eq!(done.all(), ["told "]);
    }
}
