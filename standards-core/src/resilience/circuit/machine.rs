//! The circuit as a plain machine: what it is told, when, and what becomes of it. It knows no clock and no threads.

use std::collections::VecDeque;
use std::time::Duration;

use super::policy::CircuitPolicy;
use super::recent::Recent;
use super::snapshot::CallTotals;
use super::state::{State, Transition};
use super::totals::{Outcome, Totals};

/// How soon a call may be tried again that found all probes taken.
const WHILE_PROBED: Duration = Duration::from_secs(1);

/// A circuit. Every time is one since it was made.
#[derive(Debug)]
pub(super) struct Machine {
    name: &'static str,
    policy: CircuitPolicy,
    state: State,
    /// Changes with every state: what began under another one counts no more.
    generation: u64,
    since: Duration,
    /// Probes that may still begin.
    free: u32,
    /// The results of a closed circuit.
    recent: Recent,
    /// The probes that have ended; of an open circuit, what opened it.
    judged: Totals,
    ended: CallTotals,
    not_permitted: u64,
    transitions: [u64; State::ALL.len()],
    /// What has not been told.
    pub(super) news: VecDeque<Transition>,
    /// Whether somebody is telling.
    pub(super) is_telling: bool,
}

/// What is told of it.
pub(super) struct Standing {
    pub(super) state: State,
    pub(super) since: Duration,
    pub(super) totals: Totals,
    pub(super) ended: CallTotals,
    pub(super) not_permitted: u64,
    pub(super) transitions: [u64; State::ALL.len()],
}

impl Machine {
    pub(super) fn new(name: &'static str, policy: CircuitPolicy) -> Self {
        Self {
            name,
            policy,
            state: State::Closed,
            generation: 0,
            since: Duration::ZERO,
            free: 0,
            recent: Recent::within(policy.window),
            judged: Totals::default(),
            ended: CallTotals::default(),
            not_permitted: 0,
            transitions: [0; State::ALL.len()],
            news: VecDeque::new(),
            is_telling: false,
        }
    }

    pub(super) const fn state(&self) -> State {
        self.state
    }

    pub(super) const fn generation(&self) -> u64 {
        self.generation
    }

    /// Lets a call begin: the generation under which it will be counted, if it is. Else how long until it may be worth another try.
    pub(super) fn enter(&mut self, now: Duration) -> Result<Option<u64>, Duration> {
        self.lapse(now);
        if self.state == State::Open && self.is_over(self.policy.wait, now) {
            self.go(State::HalfOpen, now);
        }
        match self.state {
            State::Closed => Ok(Some(self.generation)),
            State::Disabled => Ok(None),
            State::HalfOpen if self.free > 0 => {
                self.free -= 1;
                Ok(Some(self.generation))
            }
            State::Open | State::HalfOpen | State::ForcedOpen => {
                self.not_permitted += 1;
                Err(self.retry_after(now))
            }
        }
    }

    /// Counts the result of a call that began under `generation`.
    pub(super) fn end(&mut self, generation: u64, now: Duration, outcome: Outcome) {
        self.ended.add(outcome);
        self.lapse(now);
        if generation != self.generation {
            return;
        }
        let (totals, enough) = if self.state == State::Closed {
            (self.recent.add(now, outcome), self.policy.enough())
        } else {
            self.judged.add(outcome);
            (self.judged, self.policy.probes)
        };
        if totals.calls < enough {
            return;
        }
        match (totals.are_bad(&self.policy), self.state) {
            (true, _) => self.go(State::Open, now),
            (false, State::HalfOpen) => self.go(State::Closed, now),
            (false, _) => {}
        }
    }

    /// Lets another call begin in the place of one that does not count.
    pub(super) fn give_back(&mut self, generation: u64) {
        if generation == self.generation && self.state == State::HalfOpen {
            self.free += 1;
        }
    }

    /// Has it in `state` from now on, by hand; closed is closed with no results.
    pub(super) fn set(&mut self, state: State, now: Duration) {
        if self.state != state {
            self.go(state, now);
        } else if state == State::Closed {
            self.recent.clear();
            self.generation += 1;
        }
    }

    pub(super) fn standing(&mut self, now: Duration) -> Standing {
        let totals = if self.state == State::Closed { self.recent.totals(now) } else { self.judged };
        let Self { state, since, ended, not_permitted, transitions, .. } = *self;
        Standing { state, since, totals, ended, not_permitted, transitions }
    }

    /// Opens a circuit that has been half-open for too long, as of when it was.
    fn lapse(&mut self, now: Duration) {
        let Some(longest) = self.policy.longest_half_open else { return };
        if self.state == State::HalfOpen && self.is_over(longest, now) {
            self.go(State::Open, self.since.saturating_add(longest));
        }
    }

    /// Whether it has been in its state for as long as `time`.
    fn is_over(&self, time: Duration, now: Duration) -> bool {
        now.saturating_sub(self.since) >= time
    }

    fn go(&mut self, to: State, at: Duration) {
        if self.state == State::Closed {
            self.judged = self.recent.totals(at);
            self.recent.clear();
        }
        let (name, from, judged) = (self.name, self.state, self.judged);
        let (calls, failure_rate, slow_rate) = (judged.calls, judged.failure_rate(), judged.slow_rate());
        self.news.push_back(Transition { name, from, to, calls, failure_rate, slow_rate });
        if let Some(count) = self.transitions.get_mut(to as usize) {
            *count += 1;
        }
        if to == State::HalfOpen {
            self.judged = Totals::default();
            self.free = self.policy.probes;
        }
        self.state = to;
        self.since = at;
        self.generation += 1;
    }

    fn retry_after(&self, now: Duration) -> Duration {
        match self.state {
            State::Open => self.policy.wait.saturating_sub(now.saturating_sub(self.since)),
            State::ForcedOpen => self.policy.wait,
            State::Closed | State::HalfOpen | State::Disabled => WHILE_PROBED,
        }
    }
}
