//! Circuit breakers: their states, and what they have seen.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use standards_core::resilience::{CircuitBreaker, CircuitPolicy, Snapshot, State};

use super::Metrics;

/// Asks the breakers when a page is written.
#[derive(Debug, Default)]
pub(super) struct Circuits(Mutex<Vec<CircuitBreaker>>);

impl Metrics {
    /// Tells of this circuit breaker from now on. Of two with one name the first is told.
    ///
    /// A [`Service`](crate::Service) does so for those that it [has](crate::Service::circuit).
    ///
    /// ```
    /// use standards_axum::core::resilience::{CircuitBreaker, CircuitPolicy};
    /// use standards_axum::metrics::Metrics;
    ///
    /// let (metrics, redis) = (Metrics::new(), CircuitBreaker::new("redis", CircuitPolicy::default()));
    /// metrics.circuit(&redis);
    /// redis.force_open();
    /// assert!(redis.acquire().is_err());
    /// let page = String::from_utf8(metrics.render().to_vec()).unwrap();
    /// assert!(page.contains(r#"circuit_breaker_state{name="redis",state="forced_open"} 1"#));
    /// assert!(page.contains(r#"circuit_breaker_not_permitted_total{name="redis"} 1"#));
    /// ```
    pub fn circuit(&self, breaker: &CircuitBreaker) {
        self.0.circuits.add(breaker);
    }
}

impl Circuits {
    fn add(&self, breaker: &CircuitBreaker) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.iter().all(|one| one.name() != breaker.name()) {
            known.push(breaker.clone());
            known.sort_by_key(CircuitBreaker::name);
        }
    }

    /// One, so that all labels are seen.
    pub(super) fn tell_an_example(&self) {
        self.add(&CircuitBreaker::new("x", CircuitPolicy::default()));
    }

    fn seen(&self) -> Vec<Snapshot> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().map(CircuitBreaker::snapshot).collect()
    }
}

impl Collector for Circuits {
    /// A service without breakers has none of it on its page.
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let seen = self.seen();
        if seen.is_empty() {
            return Ok(());
        }
        write_states(&mut encoder, &seen)?;
        write_calls(&mut encoder, &seen)?;
        let help = "Calls that an open circuit refused.";
        let mut family = encoder.encode_descriptor("circuit_breaker_not_permitted", help, None, MetricType::Counter)?;
        for Snapshot { name, not_permitted, .. } in &seen {
            family.encode_family(&[("name", *name)])?.encode_counter::<NoLabelSet, _, u64>(not_permitted, None)?;
        }
        write_transitions(&mut encoder, &seen)
    }
}

fn write_states(encoder: &mut DescriptorEncoder<'_>, seen: &[Snapshot]) -> fmt::Result {
    let help = "1 for the state that the circuit is in, 0 for the others.";
    let mut family = encoder.encode_descriptor("circuit_breaker_state", help, None, MetricType::Gauge)?;
    for circuit in seen {
        for state in State::ALL {
            let labels = [("name", circuit.name), ("state", state.as_str())];
            family.encode_family(&labels)?.encode_gauge(&i64::from(circuit.state == state))?;
        }
    }
    Ok(())
}

fn write_calls(encoder: &mut DescriptorEncoder<'_>, seen: &[Snapshot]) -> fmt::Result {
    let help = "Calls through the circuit that have ended, by outcome: ok, failed, slow, slow_failed.";
    let mut family = encoder.encode_descriptor("circuit_breaker_calls", help, None, MetricType::Counter)?;
    for Snapshot { name, ended, .. } in seen {
        let outcomes = [("ok", ended.ok), ("failed", ended.failed), ("slow", ended.slow), ("slow_failed", ended.slow_failed)];
        for (outcome, calls) in outcomes {
            let labels = [("name", *name), ("outcome", outcome)];
            family.encode_family(&labels)?.encode_counter::<NoLabelSet, _, u64>(&calls, None)?;
        }
    }
    Ok(())
}

fn write_transitions(encoder: &mut DescriptorEncoder<'_>, seen: &[Snapshot]) -> fmt::Result {
    let help = "Changes of the circuit's state, by the state that began.";
    let mut family = encoder.encode_descriptor("circuit_breaker_transitions", help, None, MetricType::Counter)?;
    for circuit in seen {
        for state in State::ALL {
            let labels = [("name", circuit.name), ("to", state.as_str())];
            let changes = circuit.transitions_to(state);
            family.encode_family(&labels)?.encode_counter::<NoLabelSet, _, u64>(&changes, None)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTED: [&str; 9] = [
        r#"circuit_breaker_state{name="clientes",state="open"} 1"#,
        r#"circuit_breaker_state{name="clientes",state="closed"} 0"#,
        r#"circuit_breaker_state{name="redis",state="closed"} 1"#,
        r#"circuit_breaker_calls_total{name="clientes",outcome="failed"} 10"#,
        r#"circuit_breaker_calls_total{name="clientes",outcome="slow_failed"} 0"#,
        r#"circuit_breaker_calls_total{name="redis",outcome="ok"} 1"#,
        r#"circuit_breaker_not_permitted_total{name="clientes"} 1"#,
        r#"circuit_breaker_transitions_total{name="clientes",to="open"} 1"#,
        r#"circuit_breaker_transitions_total{name="redis",to="open"} 0"#,
    ];

    #[test]
    fn each_breaker_tells_its_state_and_what_it_has_seen() {
        let metrics = Metrics::new();
        let page = || String::from_utf8(metrics.render().to_vec()).unwrap();
        assert!(!page().contains("circuit_breaker"), "there is none yet");
        let [redis, clientes, other] =
            ["redis", "clientes", "redis"].map(|name| CircuitBreaker::new(name, CircuitPolicy::default()));
        [&redis, &clientes, &redis, &other].into_iter().for_each(|breaker| metrics.circuit(breaker));
        redis.acquire().unwrap().success();
        (0..10).for_each(|_| clientes.acquire().unwrap().failure());
        assert!(clientes.acquire().is_err());
        let page = page();
        COUNTED.iter().for_each(|line| assert!(page.contains(&format!("{line}\n")), "{line} in\n{page}"));
        assert_eq!(page.lines().filter(|line| line.starts_with("circuit_breaker_")).count(), 2 * (5 + 4 + 1 + 5), "{page}");
    }
}
