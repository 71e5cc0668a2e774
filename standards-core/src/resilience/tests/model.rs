//! A breaker does what a plain model does, whatever happens to it. `CIRCUIT_CASES` says how many sequences are tried.

use std::time::Duration;

use proptest::prelude::*;

use super::Clocked;
use crate::resilience::{CircuitPolicy, Permit, State, Window};

#[derive(Clone, Copy, Debug)]
enum Step {
    Acquire,
    Succeed(usize),
    Fail(usize),
    Ignore(usize),
    Drop(usize),
    Advance(u64),
    ForceOpen,
    Disable,
    Reset,
}

#[derive(Clone, Copy, Debug)]
struct Rules {
    count: Option<u64>,
    time: u64,
    minimum: u64,
    failure_rate: u64,
    slow_rate: u64,
    slow_after: u64,
    wait: u64,
    probes: u64,
    longest: Option<u64>,
}

impl Rules {
    fn policy(&self) -> CircuitPolicy {
        let ms = Duration::from_millis;
        let small = |number: u64| u32::try_from(number).unwrap();
        let policy = CircuitPolicy::default()
            .with_window(self.count.map_or(Window::Time(ms(self.time)), |calls| Window::Count(small(calls))))
            .with_minimum_calls(small(self.minimum))
            .with_failure_rate(f64::from(small(self.failure_rate)))
            .with_slow_rate(f64::from(small(self.slow_rate)))
            .with_slow_after(ms(self.slow_after))
            .with_wait(ms(self.wait))
            .with_probes(small(self.probes));
        self.longest.map_or(policy, |longest| policy.with_longest_half_open(ms(longest)))
    }
}

#[derive(Clone, Copy)]
struct Ended {
    at: u64,
    failed: bool,
    slow: bool,
}

/// Everything that ever ended is kept; what counts is looked for each time. Times are milliseconds.
struct Model {
    rules: Rules,
    now: u64,
    state: State,
    since: u64,
    generation: u64,
    ended: Vec<Ended>,
    probes_begun: u64,
    shown: Vec<Ended>,
    refused: u64,
    told: Vec<(State, State)>,
}

/// A call as the model knows it: its generation, unless it counts nowhere, and its beginning.
type Ticket = Option<(u64, u64)>;

impl Model {
    fn new(rules: Rules) -> Self {
        let (ended, shown, told) = (Vec::new(), Vec::new(), Vec::new());
        let (now, since, generation, probes_begun, refused) = (0, 0, 0, 0, 0);
        Self { rules, now, state: State::Closed, since, generation, ended, probes_begun, shown, refused, told }
    }

    fn go(&mut self, to: State, at: u64) {
        if self.state == State::Closed {
            self.shown = self.counted();
        } else if self.state == State::HalfOpen {
            self.shown = self.ended.clone();
        }
        self.told.push((self.state, to));
        (self.state, self.since) = (to, at);
        self.forget();
    }

    fn forget(&mut self) {
        self.ended.clear();
        self.probes_begun = 0;
        self.generation += 1;
    }

    /// What of all that ended is in the window.
    fn counted(&self) -> Vec<Ended> {
        match self.rules.count {
            Some(calls) => self.ended[self.ended.len().saturating_sub(usize::try_from(calls).unwrap())..].to_vec(),
            None => {
                let bucket = |ms: u64| ms * 1_000_000 / (self.rules.time.max(10) * 1_000_000).div_ceil(10);
                self.ended.iter().filter(|ended| bucket(ended.at) + 10 > bucket(self.now)).copied().collect()
            }
        }
    }

    fn lapse(&mut self) {
        if let Some(longest) = self.rules.longest
            && self.state == State::HalfOpen
            && self.now >= self.since + longest
        {
            self.go(State::Open, self.since + longest);
        }
    }

    fn acquire(&mut self) -> Result<Ticket, u64> {
        self.lapse();
        if self.state == State::Open && self.now >= self.since + self.rules.wait {
            self.go(State::HalfOpen, self.now);
        }
        match self.state {
            State::Disabled => return Ok(None),
            State::Closed => return Ok(Some((self.generation, self.now))),
            State::HalfOpen if self.probes_begun < self.rules.probes => {
                self.probes_begun += 1;
                return Ok(Some((self.generation, self.now)));
            }
            State::Open | State::HalfOpen | State::ForcedOpen => self.refused += 1,
        }
        Err(match self.state {
            State::Open => self.since + self.rules.wait - self.now,
            State::ForcedOpen => self.rules.wait,
            _ => 1000,
        })
    }

    fn end(&mut self, ticket: Ticket, failed: bool) {
        let Some((generation, began)) = ticket else { return };
        self.lapse();
        if generation != self.generation {
            return;
        }
        self.ended.push(Ended { at: self.now, failed, slow: self.now - began > self.rules.slow_after });
        let (counted, enough) = match self.state {
            State::HalfOpen => (self.ended.clone(), self.rules.probes),
            _ => (self.counted(), self.rules.minimum.min(self.rules.count.unwrap_or(u64::MAX))),
        };
        let calls = counted.len() as u64;
        let share = |is: fn(&&Ended) -> bool| counted.iter().filter(is).count() as u64 * 100;
        let bad = share(|call| call.failed) >= self.rules.failure_rate * calls
            || share(|call| call.slow) >= self.rules.slow_rate * calls;
        if calls >= enough && bad {
            self.go(State::Open, self.now);
        } else if calls >= enough && self.state == State::HalfOpen {
            self.go(State::Closed, self.now);
        }
    }

    fn ignore(&mut self, ticket: Ticket) {
        if self.state == State::HalfOpen && ticket.is_some_and(|(generation, _)| generation == self.generation) {
            self.probes_begun -= 1;
        }
    }

    fn drop(&mut self, ticket: Ticket) {
        let slow = ticket.is_some_and(|(_, began)| self.now - began > self.rules.slow_after);
        if slow { self.end(ticket, false) } else { self.ignore(ticket) }
    }

    fn set(&mut self, state: State) {
        if self.state != state {
            self.go(state, self.now);
        } else if state == State::Closed {
            self.forget();
        }
    }

    fn shown(&self) -> Vec<Ended> {
        match self.state {
            State::Closed => self.counted(),
            State::HalfOpen => self.ended.clone(),
            _ => self.shown.clone(),
        }
    }
}

/// Both, side by side.
struct Pair {
    model: Model,
    real: Clocked,
    calls: Vec<(Permit, Ticket)>,
}

impl Pair {
    fn step(&mut self, step: Step) {
        match step {
            Step::Acquire => self.acquire(),
            Step::Advance(ms) => {
                self.model.now += ms;
                self.real.advance(Duration::from_millis(ms));
            }
            Step::Succeed(which) => self.end(which, Permit::success, |model, ticket| model.end(ticket, false)),
            Step::Fail(which) => self.end(which, Permit::failure, |model, ticket| model.end(ticket, true)),
            Step::Ignore(which) => self.end(which, Permit::ignore, Model::ignore),
            Step::Drop(which) => self.end(which, drop, Model::drop),
            Step::ForceOpen => self.set(State::ForcedOpen, super::CircuitBreaker::force_open),
            Step::Disable => self.set(State::Disabled, super::CircuitBreaker::disable),
            Step::Reset => self.set(State::Closed, super::CircuitBreaker::reset),
        }
    }

    fn acquire(&mut self) {
        match (self.real.breaker.acquire(), self.model.acquire()) {
            (Ok(permit), Ok(ticket)) => self.calls.push((permit, ticket)),
            (Err(refused), Err(wait)) => assert_eq!(refused.retry_after(), Duration::from_millis(wait)),
            (real, model) => panic!("{real:?} and not {model:?}"),
        }
    }

    fn end(&mut self, which: usize, real: impl FnOnce(Permit), model: impl FnOnce(&mut Model, Ticket)) {
        if !self.calls.is_empty() {
            let (permit, ticket) = self.calls.swap_remove(which % self.calls.len());
            real(permit);
            model(&mut self.model, ticket);
        }
    }

    fn set(&mut self, state: State, real: impl FnOnce(&super::CircuitBreaker)) {
        real(&self.real.breaker);
        self.model.set(state);
    }

    fn assert_same(&mut self) {
        let seen = self.real.breaker.snapshot();
        assert_eq!((seen.state, seen.not_permitted), (self.model.state, self.model.refused));
        let shown = self.model.shown();
        let rate = |is: fn(&&Ended) -> bool| {
            let (part, calls) = (shown.iter().filter(is).count(), shown.len());
            (calls > 0).then(|| (part as f64 * 10_000.0 / calls as f64).round() / 100.0)
        };
        assert_eq!(seen.calls as usize, shown.len());
        assert_eq!((seen.failure_rate, seen.slow_rate), (rate(|call| call.failed), rate(|call| call.slow)));
        assert_eq!(self.real.told(), std::mem::take(&mut self.model.told));
    }
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => Just(Step::Acquire),
        6 => any::<usize>().prop_map(Step::Succeed),
        6 => any::<usize>().prop_map(Step::Fail),
        2 => any::<usize>().prop_map(Step::Ignore),
        2 => any::<usize>().prop_map(Step::Drop),
        5 => (0_u64..120).prop_map(Step::Advance),
        2 => (0_u64..3000).prop_map(Step::Advance),
        1 => prop_oneof![Just(Step::ForceOpen), Just(Step::Disable), Just(Step::Reset), Just(Step::Reset)],
    ]
}

fn rules() -> impl Strategy<Value = Rules> {
    let window = (proptest::option::of(1_u64..8), 1_u64..2000, 1_u64..8);
    let limits = (1_u64..=100, 1_u64..=100, 0_u64..100, 0_u64..2000, 1_u64..4, proptest::option::of(0_u64..1000));
    (window, limits).prop_map(|((count, time, minimum), (failure_rate, slow_rate, slow_after, wait, probes, longest))| Rules {
        count,
        time,
        minimum,
        failure_rate,
        slow_rate,
        slow_after,
        wait,
        probes,
        longest,
    })
}

fn cases() -> u32 {
    std::env::var("CIRCUIT_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(3000)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn whatever_happens_it_is_as_the_model_says(rules in rules(), steps in proptest::collection::vec(step(), 1..80)) {
        let mut pair = Pair { model: Model::new(rules), real: Clocked::new(rules.policy()), calls: Vec::new() };
        for step in steps {
            pair.step(step);
            pair.assert_same();
        }
    }
}
