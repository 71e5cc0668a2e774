//! Calls of other services: how many, how they ended, how long they took and how often they were repeated.

use std::fmt;
use std::iter::once;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::Method;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;

use super::Metrics;
use super::durations::{Durations, LATENCY_SECONDS};
use super::series::{Labelled, SeriesTable};
use crate::client::{CallObserver, CallOutcome};

/// A service that calls more others than that has those beyond counted as one.
const UPSTREAMS: usize = 64;
const OTHER: &str = "other";

/// The ways in which a call ends, with the class of the last answer: 17 words and 6 classes.
const ENDINGS: usize = 128;

/// `status_class` of a call that was not answered.
const UNANSWERED: &str = "none";

/// Counts calls where the client ends them.
pub(super) struct Calls {
    upstreams: SeriesTable<Upstream, UPSTREAMS>,
    beyond: Upstream,
}

/// One service that is called.
struct Upstream {
    name: &'static str,
    durations: Durations,
    retries: AtomicU64,
    endings: SeriesTable<Ending, ENDINGS>,
}

/// One way in which its calls end.
struct Ending {
    outcome: &'static str,
    status_class: &'static str,
    calls: AtomicU64,
}

impl Labelled for Upstream {
    type Labels<'l> = &'static str;

    fn has(&self, name: &'static str) -> bool {
        self.name == name
    }

    fn of(name: &'static str) -> Self {
        let (durations, endings) = (Durations::new(&LATENCY_SECONDS), SeriesTable::default());
        Self { name, durations, retries: AtomicU64::new(0), endings }
    }
}

impl Labelled for Ending {
    type Labels<'l> = (&'static str, &'static str);

    fn has(&self, labels: (&'static str, &'static str)) -> bool {
        (self.outcome, self.status_class) == labels
    }

    fn of((outcome, status_class): (&'static str, &'static str)) -> Self {
        Self { outcome, status_class, calls: AtomicU64::new(0) }
    }
}

impl Default for Calls {
    fn default() -> Self {
        Self { upstreams: SeriesTable::default(), beyond: Upstream::of(OTHER) }
    }
}

impl Metrics {
    /// Who counts calls of other services, by the names that their clients give them: one line for each [`Client`](crate::client::Client).
    ///
    /// ```
    /// use standards_axum::client::Client;
    /// use standards_axum::core::settings::SettingValue;
    /// use standards_axum::metrics::Metrics;
    /// use standards_axum::url::Url;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let metrics = Metrics::new();
    /// let base: Url = Url::parse("http://127.0.0.1:1").ok_or("no address")?;
    /// let clientes = Client::new("clientes", base)?.with_observer(metrics.calls());
    /// assert!(clientes.get("/").send::<()>().await.is_err());
    /// let page = String::from_utf8(metrics.render().to_vec())?;
    /// assert!(page.contains(r#"http_client_calls_total{upstream="clientes",outcome="unreachable",status_class="none"} 1"#));
    /// assert!(page.contains(r#"http_client_retries_total{upstream="clientes"} 2"#));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn calls(&self) -> impl CallObserver + Clone + use<> {
        let calls = self.0.calls.clone();
        move |call: &CallOutcome<'_>| calls.count(call)
    }
}

impl Calls {
    pub(super) fn register(self: Arc<Self>, registry: &mut Registry) {
        registry.register_collector(Box::new(self));
    }

    /// One, so that all labels are seen.
    pub(super) fn tell_an_example(&self) {
        let (method, duration) = (&Method::GET, Duration::ZERO);
        let outcome =
            CallOutcome { upstream: "x", method, status: None, duration, attempts: 1, failure: None, is_abandoned: false };
        self.count(&outcome);
    }

    fn count(&self, call: &CallOutcome<'_>) {
        let upstream = self.upstreams.get(call.upstream).unwrap_or(&self.beyond);
        upstream.durations.observe(call.duration);
        upstream.retries.fetch_add(call.attempts.saturating_sub(1).into(), Ordering::Relaxed);
        let status_class = call.status.map_or(UNANSWERED, |status| class_of(status.as_u16()));
        if let Some(ending) = upstream.endings.get((call.outcome(), status_class)) {
            ending.calls.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Those that were called, by name.
    fn called(&self) -> Vec<&Upstream> {
        let mut called: Vec<_> = self.upstreams.iter().chain(once(&self.beyond)).collect();
        called.retain(|upstream| upstream.endings.iter().next().is_some());
        called.sort_by_key(|upstream| upstream.name);
        called
    }
}

/// A status may have any three digits.
fn class_of(status: u16) -> &'static str {
    match status / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        5 => "5xx",
        _ => OTHER,
    }
}

impl Collector for Calls {
    /// A service that calls nobody has none of it on its page.
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let called = self.called();
        if called.is_empty() {
            return Ok(());
        }
        write_counts(&mut encoder, &called)?;
        let help = "Time of a call, its retries and the pauses before them included.";
        let mut family = encoder.encode_descriptor("http_client_call_duration_seconds", help, None, MetricType::Histogram)?;
        for upstream in &called {
            upstream.durations.write(&mut family.encode_family(&[("upstream", upstream.name)])?)?;
        }
        let help = "How often a call was sent again.";
        let mut family = encoder.encode_descriptor("http_client_retries", help, None, MetricType::Counter)?;
        called.iter().try_for_each(|upstream| {
            let retries = upstream.retries.load(Ordering::Relaxed);
            family.encode_family(&[("upstream", upstream.name)])?.encode_counter::<NoLabelSet, _, u64>(&retries, None)
        })
    }
}

fn write_counts(encoder: &mut DescriptorEncoder<'_>, called: &[&Upstream]) -> fmt::Result {
    let help = "Calls of other services that have ended, by service, outcome and class of the last answer's status.";
    let mut family = encoder.encode_descriptor("http_client_calls", help, None, MetricType::Counter)?;
    for upstream in called {
        let mut endings: Vec<_> = upstream.endings.iter().collect();
        endings.sort_by_key(|ending| (ending.outcome, ending.status_class));
        for Ending { outcome, status_class, calls } in endings {
            let labels = [("upstream", upstream.name), ("outcome", *outcome), ("status_class", *status_class)];
            family.encode_family(&labels)?.encode_counter::<NoLabelSet, _, u64>(&calls.load(Ordering::Relaxed), None)?;
        }
    }
    Ok(())
}

impl fmt::Debug for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calls").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::{Method, StatusCode};
    use standards_core::Failure;

    use crate::client::{CallObserver, CallOutcome};
    use crate::metrics::Metrics;

    fn call<'a>(upstream: &'static str, status: Option<u16>, attempts: u32, failure: Option<&'a Failure>) -> CallOutcome<'a> {
        let (method, status) = (&Method::GET, status.map(|status| StatusCode::from_u16(status).unwrap()));
        CallOutcome { upstream, method, status, duration: Duration::from_millis(3), attempts, failure, is_abandoned: false }
    }

    fn page(metrics: &Metrics) -> String {
        String::from_utf8(metrics.render().to_vec()).unwrap()
    }

    #[test]
    fn a_call_is_counted_by_whom_it_was_made_to_and_how_it_ended() {
        let metrics = Metrics::new();
        let calls = metrics.calls();
        assert!(!page(&metrics).contains("http_client_"), "nobody is called yet");
        let broken = Failure::unavailable("no route");
        for outcome in [
            call("clientes", Some(200), 1, None),
            call("clientes", Some(200), 3, None),
            call("clientes", Some(404), 1, None),
            call("clientes", None, 3, Some(&broken)),
            call("clientes", Some(999), 1, None),
            CallOutcome { is_abandoned: true, ..call("fraude", None, 0, None) },
        ] {
            calls.ended(&outcome);
        }
        let (page, expected) = (page(&metrics), COUNTED);
        expected.iter().for_each(|line| assert!(page.contains(&format!("{line}\n")), "{line} in\n{page}"));
        assert_eq!(page.lines().filter(|line| line.starts_with("http_client_calls_total{")).count(), 5, "{page}");
    }

    const COUNTED: [&str; 9] = [
        r#"http_client_calls_total{upstream="clientes",outcome="ok",status_class="2xx"} 2"#,
        r#"http_client_calls_total{upstream="clientes",outcome="ok",status_class="4xx"} 1"#,
        r#"http_client_calls_total{upstream="clientes",outcome="ok",status_class="other"} 1"#,
        r#"http_client_calls_total{upstream="clientes",outcome="other",status_class="none"} 1"#,
        r#"http_client_calls_total{upstream="fraude",outcome="abandoned",status_class="none"} 1"#,
        r#"http_client_call_duration_seconds_bucket{upstream="clientes",le="0.005"} 5"#,
        r#"http_client_call_duration_seconds_count{upstream="fraude"} 1"#,
        r#"http_client_retries_total{upstream="clientes"} 4"#,
        r#"http_client_retries_total{upstream="fraude"} 0"#,
    ];

    #[test]
    fn more_others_than_any_service_calls_are_one() {
        let metrics = Metrics::new();
        let calls = metrics.calls();
        for number in 0..1000 {
            let name: &'static str = format!("u{number}").leak();
            calls.ended(&call(name, Some(200), 1, None));
        }
        let page = page(&metrics);
        assert!(page.contains(r#"http_client_calls_total{upstream="other",outcome="ok",status_class="2xx"} 936"#));
        assert!(page.len() < 128 * 1024, "{} bytes", page.len());
    }
}
