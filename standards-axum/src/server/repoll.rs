//! A future that is polled again at once when it woke itself.
//!
//! hyper's HTTP/1 dispatcher hands a request's body over within one task and wakes that task each time: twice per request. Left to
//! the runtime, such a wake sends the task to the end of its queue and rouses another worker to look for work that is not there.

use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use pin_project_lite::pin_project;
use standards_core::__private::holding;

/// How often the future is polled before others have their turn.
const TURNS: usize = 8;

/// Nobody polls: a wake goes to the task.
const RESTING: u8 = 0;
/// Polled, and not woken since that began.
const POLLED: u8 = 1;
/// Polled, and to be polled again.
const WOKEN: u8 = 2;

pin_project! {
    /// Polls `future` until it neither ends nor wakes itself, but not for ever. What it defers is done after each poll: by then a
    /// connection has written what it could.
    pub(crate) struct Repoll<F> {
        #[pin]
        future: F,
        signal: Arc<Signal>,
        waker: Waker,
    }
}

/// What the future wakes instead of its task.
struct Signal {
    state: AtomicU8,
    task: Mutex<Waker>,
}

impl<F: Future> Repoll<F> {
    pub(crate) fn new(future: F) -> Self {
        let signal = Arc::new(Signal { state: AtomicU8::new(RESTING), task: Mutex::new(Waker::noop().clone()) });
        Self { future, waker: Arc::clone(&signal).into(), signal }
    }
}

impl<F: Future> Future for Repoll<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        this.signal.stand_for(cx.waker());
        for _ in 0..TURNS {
            this.signal.state.store(POLLED, Ordering::SeqCst);
            let outcome = holding(|| this.future.as_mut().poll(&mut Context::from_waker(this.waker)));
            if outcome.is_ready() || this.signal.rest() {
                return outcome;
            }
        }
        this.signal.state.store(RESTING, Ordering::SeqCst);
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Signal {
    fn stand_for(&self, waker: &Waker) {
        self.task.lock().unwrap_or_else(PoisonError::into_inner).clone_from(waker);
    }

    /// Whether there is nothing to do until the next wake.
    fn rest(&self) -> bool {
        self.state.compare_exchange(POLLED, RESTING, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let polled = |state| (state != RESTING).then_some(WOKEN);
        if self.state.fetch_update(Ordering::SeqCst, Ordering::SeqCst, polled).is_err() {
            self.task.lock().unwrap_or_else(PoisonError::into_inner).wake_by_ref();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::pin;
    use std::sync::atomic::AtomicUsize;

    use super::*;

    /// Counts the wakes of a task.
    #[derive(Default)]
    struct Task(AtomicUsize);

    impl Wake for Task {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Polls `future` once as a task; what came of it, and how often the task was woken.
    fn poll_once(future: Pin<&mut impl Future>, task: &Arc<Task>) -> (bool, usize) {
        let ready = future.poll(&mut Context::from_waker(&Waker::from(Arc::clone(task)))).is_ready();
        (ready, task.0.load(Ordering::SeqCst))
    }

    /// Wakes itself in each of so many polls, and ends in the next.
    fn restless(mut wakes: usize) -> impl Future {
        poll_fn(move |cx| {
            if wakes == 0 {
                return Poll::Ready(());
            }
            wakes -= 1;
            cx.waker().wake_by_ref();
            Poll::Pending
        })
    }

    #[test]
    fn a_future_that_wakes_itself_goes_on_without_its_task() {
        assert_eq!(poll_once(pin!(Repoll::new(restless(TURNS - 1))), &Arc::default()), (true, 0));
    }

    #[test]
    fn one_that_never_rests_lets_others_have_their_turn() {
        let (mut future, task) = (pin!(Repoll::new(restless(2 * TURNS))), Arc::default());
        assert_eq!(poll_once(future.as_mut(), &task), (false, 1));
        assert_eq!(poll_once(future.as_mut(), &task), (false, 2));
        assert_eq!(poll_once(future.as_mut(), &task), (true, 2));
    }

    #[test]
    fn a_wake_at_rest_reaches_the_task_that_polled_last() {
        let (mut kept, task) = (None, Arc::default());
        let mut future = pin!(Repoll::new(poll_fn(|cx| {
            kept = Some(cx.waker().clone());
            Poll::<()>::Pending
        })));
        assert_eq!(poll_once(future.as_mut(), &Arc::default()), (false, 0));
        assert_eq!(poll_once(future.as_mut(), &task), (false, 0));
        kept.unwrap().wake();
        assert_eq!(task.0.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_wake_from_another_thread_during_a_poll_is_not_lost() {
        let mut polls = 0;
        let future = pin!(Repoll::new(poll_fn(|cx| {
            polls += 1;
            let waker = cx.waker().clone();
            std::thread::spawn(move || waker.wake()).join().unwrap();
            if polls == 2 { Poll::Ready(()) } else { Poll::Pending }
        })));
        assert_eq!(poll_once(future, &Arc::default()), (true, 0));
    }
}
