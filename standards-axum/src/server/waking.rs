//! Not to be woken for what has been done already.
//!
//! hyper gives a body to the service through a channel, and who takes a piece from it wakes the connection, so that the next one is sent. Of a body
//! that came whole there is none: the connection would be scheduled and polled a second time, for each request with a body, to find nothing.
//!
//! So hyper is polled with a waker of the connection's own. What wakes that within the poll, on its thread, is noted only; what wakes it at any
//! other time wakes the task. When the poll ends with the connection idle, so that only its client can make it go on, whatever was noted before
//! it last looked for bytes of the client is done. Anything else that was noted wakes the task.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Wake, Waker};

thread_local! {
    /// The address of the connection that is polled on this thread; nothing stands at zero.
    static POLLED: Cell<usize> = const { Cell::new(0) };
}

/// A connection's own waker.
#[derive(Debug)]
pub(super) struct Waking {
    state: Arc<State>,
    waker: Waker,
}

#[derive(Debug, Default)]
struct State {
    /// The connection's. It stays in one task, and is polled without this where it does not.
    task: OnceLock<Waker>,
    /// Something was noted in this poll; and something since it last looked for bytes.
    is_woken: AtomicBool,
    is_woken_since: AtomicBool,
}

impl Waking {
    pub(super) fn new() -> Self {
        let state = Arc::<State>::default();
        Self { waker: Waker::from(state.clone()), state }
    }

    /// The client's bytes are about to be looked for.
    pub(super) fn reads(&self) {
        self.state.is_woken_since.store(false, Ordering::Relaxed);
    }

    /// Has `work` poll what only the client can make go on where it `is_idle` then.
    pub(super) fn poll<R>(
        &self,
        cx: &mut Context<'_>,
        is_idle: impl FnOnce() -> bool,
        work: impl FnOnce(&mut Context<'_>) -> Poll<R>,
    ) -> Poll<R> {
        let task = self.state.task.get_or_init(|| cx.waker().clone());
        if !task.will_wake(cx.waker()) {
            return work(cx);
        }
        self.state.forget();
        let polled = Polled::begin(self.state.address());
        let polled = (work(&mut Context::from_waker(&self.waker)), drop(polled)).0;
        if polled.is_pending() && self.state.wants_more(is_idle) {
            task.wake_by_ref();
        }
        polled
    }
}

impl State {
    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    fn forget(&self) {
        self.is_woken.store(false, Ordering::Relaxed);
        self.is_woken_since.store(false, Ordering::Relaxed);
    }

    fn note(&self) {
        self.is_woken.store(true, Ordering::Relaxed);
        self.is_woken_since.store(true, Ordering::Relaxed);
    }

    fn wants_more(&self, is_idle: impl FnOnce() -> bool) -> bool {
        self.is_woken_since.load(Ordering::Relaxed) || self.is_woken.load(Ordering::Relaxed) && !is_idle()
    }
}

impl Wake for State {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // A thread that is ending polls nothing.
        if POLLED.try_with(Cell::get) == Ok(self.address()) {
            self.note();
        } else if let Some(task) = self.task.get() {
            task.wake_by_ref();
        }
    }
}

/// While it is there, the connection is polled on this thread. Around it there may be another one, whose service asks this one.
struct Polled {
    around: usize,
}

impl Polled {
    fn begin(address: usize) -> Self {
        Self { around: POLLED.replace(address) }
    }
}

impl Drop for Polled {
    fn drop(&mut self) {
        POLLED.set(self.around);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How often the task is woken by a poll that ends idle, or not.
    fn wakes(is_idle: bool, work: impl FnOnce(&Waking, &Waker)) -> usize {
        let (woken, waking) = (Arc::<Woken>::default(), Waking::new());
        let waker = Waker::from(woken.clone());
        let polled = waking.poll(
            &mut Context::from_waker(&waker),
            || is_idle,
            |cx| {
                work(&waking, cx.waker());
                Poll::<()>::Pending
            },
        );
        assert!(polled.is_pending());
        woken.0.load(Ordering::Relaxed)
    }

    #[test]
    fn what_was_asked_for_before_the_last_look_is_done_once_the_connection_is_idle() {
        let (early, late) = (
            |waking: &Waking, waker: &Waker| (waker.wake_by_ref(), waking.reads()).1,
            |waking: &Waking, waker: &Waker| {
                waking.reads();
                waker.wake_by_ref();
            },
        );
        assert_eq!([wakes(true, early), wakes(false, early), wakes(true, late), wakes(false, late)], [0, 1, 1, 1]);
        assert_eq!([wakes(true, |_, _| {}), wakes(false, |_, _| {})], [0, 0]);
    }

    #[test]
    fn another_thread_wakes_the_task_at_once_and_so_does_this_one_after_the_poll() {
        let elsewhere = |waking: &Waking, waker: &Waker| {
            std::thread::scope(|scope| scope.spawn(|| waker.wake_by_ref()).join().unwrap());
            waking.reads();
        };
        assert_eq!(wakes(true, elsewhere), 1);
        let mut kept = None;
        let (woken, waking) = (Arc::<Woken>::default(), Waking::new());
        let _ = waking.poll(
            &mut Context::from_waker(&Waker::from(woken.clone())),
            || true,
            |cx| {
                kept = Some(cx.waker().clone());
                Poll::<()>::Pending
            },
        );
        kept.unwrap().wake();
        assert_eq!(woken.0.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_connection_within_another_one_wakes_itself_alone() {
        let within = |waking: &Waking, _: &Waker| {
            assert_eq!(wakes(false, |_, waker| waker.wake_by_ref()), 1);
            waking.reads();
        };
        assert_eq!(wakes(false, within), 0);
    }

    #[test]
    fn a_connection_that_has_moved_to_another_task_is_polled_with_its_waker() {
        let waking = Waking::new();
        let [first, second] = [Arc::<Woken>::default(), Arc::<Woken>::default()];
        for woken in [&first, &second] {
            let _ = waking.poll(
                &mut Context::from_waker(&Waker::from(woken.clone())),
                || true,
                |cx| {
                    cx.waker().wake_by_ref();
                    waking.reads();
                    Poll::<()>::Pending
                },
            );
        }
        assert_eq!([first, second].map(|woken| woken.0.load(Ordering::Relaxed)), [0, 1]);
    }
}
