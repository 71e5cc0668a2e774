//! Not to be woken for what has been done already.
//!
//! hyper gives a body to the service through a channel, and who takes a piece from it wakes the connection, so that the next one is sent. Of a body
//! that came whole there is none: the connection would be scheduled and polled a second time, for each request with a body, to find nothing.
//!
//! So hyper is polled with a waker of the connection's own. What wakes that within the poll, on its thread, is noted only; what wakes it at any
//! other time wakes the task. When the poll ends with the connection idle, so that only its client can make it go on, whatever was noted before
//! it last looked for bytes of the client is done. Anything else that was noted wakes the task.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use super::exchange::Exchange;

thread_local! {
    /// The address of the waker whose connection is polled on this thread; nothing stands at zero.
    static POLLED: Cell<usize> = const { Cell::new(0) };
}

/// What has woken a connection within this poll: something, and something since the client's bytes were last looked for.
#[derive(Debug, Default)]
pub(super) struct Noted {
    is_woken: AtomicBool,
    is_woken_since: AtomicBool,
}

impl Noted {
    /// The client's bytes are about to be looked for.
    pub(super) fn reads(&self) {
        self.is_woken_since.store(false, Ordering::Relaxed);
    }

    fn forget(&self) {
        self.is_woken.store(false, Ordering::Relaxed);
        self.reads();
    }

    fn note(&self) {
        self.is_woken.store(true, Ordering::Relaxed);
        self.is_woken_since.store(true, Ordering::Relaxed);
    }

    /// Whether something is not done yet, of a connection that only its client can make go on where it `is_idle`.
    fn is_left(&self, is_idle: bool) -> bool {
        self.is_woken_since.load(Ordering::Relaxed) || self.is_woken.load(Ordering::Relaxed) && !is_idle
    }
}

/// Polls one connection.
pub(super) struct Waking {
    exchange: Exchange,
    /// Made by the first poll, and anew in another task. Not the reader's to keep: an upgraded connection outlives the task.
    own: Option<(Arc<Own>, Waker)>,
}

impl Waking {
    pub(super) const fn new(exchange: Exchange) -> Self {
        Self { exchange, own: None }
    }

    /// Has `work` poll hyper, and the task be woken for what is not done when that ends.
    pub(super) fn poll<R>(&mut self, cx: &mut Context<'_>, work: impl FnOnce(&mut Context<'_>) -> Poll<R>) -> Poll<R> {
        let known = self.own.take().filter(|(own, _)| own.task.will_wake(cx.waker()));
        let (own, waker) = self.own.insert(known.unwrap_or_else(|| Own::of(&self.exchange, cx.waker())));
        let noted = self.exchange.noted();
        noted.forget();
        let polled = own.within(|| work(&mut Context::from_waker(waker)));
        if polled.is_pending() && noted.is_left(self.exchange.is_idle()) {
            own.task.wake_by_ref();
        }
        polled
    }
}

/// A connection's own waker, and the task's.
struct Own {
    exchange: Exchange,
    task: Waker,
}

impl Own {
    fn of(exchange: &Exchange, task: &Waker) -> (Arc<Self>, Waker) {
        let own = Arc::new(Self { exchange: exchange.clone(), task: task.clone() });
        (own.clone(), own.into())
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// Does `work` as the connection that is polled on this thread. Around it there may be another one, whose service asks this one.
    fn within<R>(&self, work: impl FnOnce() -> R) -> R {
        struct Around(usize);

        impl Drop for Around {
            fn drop(&mut self) {
                POLLED.set(self.0);
            }
        }

        let _around = Around(POLLED.replace(self.address()));
        work()
    }
}

impl Wake for Own {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // A thread that is ending polls nothing.
        if POLLED.try_with(Cell::get) == Ok(self.address()) {
            self.exchange.noted().note();
        } else {
            self.task.wake_by_ref();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::super::drain::Closing;
    use super::*;

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Woken {
        fn times(&self) -> usize {
            self.0.load(Ordering::Relaxed)
        }
    }

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Polls once in the task of `woken`.
    fn poll(waking: &mut Waking, woken: &Arc<Woken>, work: impl FnOnce(&Waker)) {
        let polled = waking.poll(&mut Context::from_waker(&Waker::from(woken.clone())), |cx| {
            work(cx.waker());
            Poll::<()>::Pending
        });
        assert!(polled.is_pending());
    }

    fn idle(is_idle: bool) -> Exchange {
        let exchange = Exchange::new(Closing::default());
        exchange.rest(is_idle, false);
        exchange
    }

    /// How often the task is woken by a poll that ends idle, or not.
    fn wakes(is_idle: bool, work: impl FnOnce(&Noted, &Waker)) -> usize {
        let (exchange, woken) = (idle(is_idle), Arc::<Woken>::default());
        poll(&mut Waking::new(exchange.clone()), &woken, |waker| work(exchange.noted(), waker));
        woken.times()
    }

    fn early(noted: &Noted, waker: &Waker) {
        waker.wake_by_ref();
        noted.reads();
    }

    fn late(noted: &Noted, waker: &Waker) {
        noted.reads();
        waker.wake_by_ref();
    }

    #[test]
    fn what_was_asked_for_before_the_last_look_is_done_once_the_connection_is_idle() {
        assert_eq!([wakes(true, early), wakes(false, early), wakes(true, late), wakes(false, late)], [0, 1, 1, 1]);
        assert_eq!([wakes(true, |_, _| {}), wakes(false, |_, _| {})], [0, 0]);
    }

    #[test]
    fn another_thread_wakes_the_task_at_once_and_so_does_this_one_after_the_poll() {
        let elsewhere = |noted: &Noted, waker: &Waker| {
            std::thread::scope(|scope| scope.spawn(|| waker.wake_by_ref()).join().unwrap());
            noted.reads();
        };
        assert_eq!(wakes(true, elsewhere), 1);
        let (mut kept, woken) = (None, Arc::<Woken>::default());
        poll(&mut Waking::new(idle(true)), &woken, |waker| kept = Some(waker.clone()));
        kept.unwrap().wake();
        assert_eq!(woken.times(), 1);
    }

    #[test]
    fn a_connection_within_another_one_wakes_itself_alone() {
        let within = |noted: &Noted, _: &Waker| {
            assert_eq!(wakes(false, late), 1);
            noted.reads();
        };
        assert_eq!(wakes(false, within), 0);
    }

    #[test]
    fn in_another_task_it_wakes_that_one() {
        let mut waking = Waking::new(idle(false));
        let tasks = [Arc::<Woken>::default(), Arc::<Woken>::default()];
        for task in &tasks {
            poll(&mut waking, task, Waker::wake_by_ref);
        }
        assert_eq!(tasks.map(|task| task.times()), [1, 1]);
    }
}
