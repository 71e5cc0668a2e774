//! The circuit as threads share it: a number to look at while it is closed, a lock around the machine else.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use super::super::sync::{AtomicU64, Mutex, MutexGuard, Ordering};
use super::machine::Machine;
use super::policy::CircuitPolicy;
use super::refusal::NotPermitted;
use super::snapshot::Snapshot;
use super::state::{State, Transition};
use super::told::{self, Observer};
use super::totals::Outcome;
use crate::timestamp::Timestamp;

/// What all clones of a breaker share.
pub(super) struct Shared {
    name: &'static str,
    slow_after: Duration,
    /// The generation, and in the lowest bits what may pass without asking the machine. It is a copy that may be late: a call that passes by it
    /// began before the change.
    gate: AtomicU64,
    machine: Mutex<Machine>,
    observers: Mutex<Vec<Arc<Observer>>>,
    clock: Box<dyn Fn() -> Instant + Send + Sync>,
    made: Instant,
    made_at: Timestamp,
}

/// A call on its way: under which generation it counts, and since when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ticket {
    generation: u64,
    began: Duration,
}

const ASK: u64 = 0;
const CLOSED: u64 = 1;
const DISABLED: u64 = 2;

const fn gate_of(machine: &Machine) -> u64 {
    let may_pass = match machine.state() {
        State::Closed => CLOSED,
        State::Disabled => DISABLED,
        State::Open | State::HalfOpen | State::ForcedOpen => ASK,
    };
    machine.generation() << 2 | may_pass
}

impl Shared {
    pub(super) fn new(name: &'static str, policy: CircuitPolicy, clock: Box<dyn Fn() -> Instant + Send + Sync>) -> Self {
        let machine = Machine::new(name, policy);
        Self {
            name,
            slow_after: policy.slow_after,
            gate: AtomicU64::new(gate_of(&machine)),
            machine: Mutex::new(machine),
            observers: Mutex::new(Vec::new()),
            made: clock(),
            made_at: Timestamp::now(),
            clock,
        }
    }

    pub(super) const fn name(&self) -> &'static str {
        self.name
    }

    /// Lets a call begin; `None` where it counts nowhere.
    pub(super) fn enter(&self) -> Result<Option<Ticket>, NotPermitted> {
        let gate = self.gate.load(Ordering::Acquire);
        match gate & 3 {
            CLOSED => Ok(Some(Ticket { generation: gate >> 2, began: self.now() })),
            DISABLED => Ok(None),
            _ => self.ask(),
        }
    }

    #[cold]
    fn ask(&self) -> Result<Option<Ticket>, NotPermitted> {
        let entered = self.with(|machine, began| match machine.enter(began) {
            Ok(generation) => Ok(generation.map(|generation| Ticket { generation, began })),
            Err(wait) => Err((machine.state(), wait)),
        });
        entered.map_err(|(state, wait)| NotPermitted::new(self.name, state, wait))
    }

    /// Counts how a call ended.
    pub(super) fn end(&self, ticket: Ticket, failed: bool) {
        self.with(|machine, now| {
            let outcome = Outcome { failed, slow: self.is_slow(ticket, now) };
            machine.end(ticket.generation, now, outcome);
        });
    }

    /// Counts a call that nobody waits for if it was slow, and lets another one begin in its place else.
    pub(super) fn abandon(&self, ticket: Ticket) {
        if self.is_slow(ticket, self.now()) { self.end(ticket, false) } else { self.give_back(ticket) }
    }

    /// Lets another call begin in its place.
    pub(super) fn give_back(&self, ticket: Ticket) {
        self.with(|machine, _| machine.give_back(ticket.generation));
    }

    pub(super) fn set(&self, state: State) {
        self.with(|machine, now| machine.set(state, now));
    }

    pub(super) fn state(&self) -> State {
        self.lock().state()
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        let standing = self.with(Machine::standing);
        let since = i64::try_from(standing.since.as_micros()).unwrap_or(i64::MAX);
        let since = Timestamp::from_microseconds(self.made_at.microseconds().saturating_add(since)).unwrap_or(self.made_at);
        let snapshot = Snapshot {
            name: self.name,
            state: standing.state,
            since,
            calls: 0,
            failure_rate: None,
            slow_rate: None,
            ended: standing.ended,
            not_permitted: standing.not_permitted,
            transitions: standing.transitions,
        };
        snapshot.rated(standing.totals)
    }

    pub(super) fn observe(&self, observer: Arc<Observer>) {
        self.observers.lock().unwrap_or_else(PoisonError::into_inner).push(observer);
    }

    fn is_slow(&self, ticket: Ticket, now: Duration) -> bool {
        now.saturating_sub(ticket.began) > self.slow_after
    }

    fn now(&self) -> Duration {
        (self.clock)().saturating_duration_since(self.made)
    }

    fn lock(&self) -> MutexGuard<'_, Machine> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<R>(&self, work: impl FnOnce(&mut Machine, Duration) -> R) -> R {
        let now = self.now();
        let mut machine = self.lock();
        let before = machine.generation();
        let result = work(&mut machine, now);
        if machine.generation() != before {
            self.gate.store(gate_of(&machine), Ordering::Release);
        }
        let has_news = !machine.news.is_empty();
        drop(machine);
        if has_news {
            self.tell();
        }
        result
    }

    /// Tells what has changed, unless somebody does already, who will tell this too.
    #[cold]
    fn tell(&self) {
        if std::mem::replace(&mut self.lock().is_telling, true) {
            return;
        }
        while let Some(change) = self.next_to_tell() {
            told::log(&change);
            let observers = self.observers.lock().unwrap_or_else(PoisonError::into_inner).clone();
            observers.iter().for_each(|observer| told::tell(&**observer, &change));
        }
    }

    fn next_to_tell(&self) -> Option<Transition> {
        let mut machine = self.lock();
        let next = machine.news.pop_front();
        machine.is_telling = next.is_some();
        next
    }
}
