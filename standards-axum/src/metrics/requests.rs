//! Requests: how many, of what, how they ended and how long they took.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;

use super::durations::{Durations, LATENCY_SECONDS};
use super::series::{Labelled, SeriesTable};
use crate::layers::{RequestEnd, RequestObserver};

/// `route` of a request that reached no operation: an unknown path, a verb that the path does not know, a refusal before the router.
///
/// ```
/// assert_eq!(standards_axum::metrics::UNMATCHED, "unmatched");
/// ```
pub const UNMATCHED: &str = "unmatched";

/// A service with more routes than that has those beyond counted as one.
const OPERATIONS: usize = 1024;
const OTHER: &str = "other";

/// Codes of catalogues that were answered.
const CODES: usize = 512;

const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Counts requests where the access log ends them.
pub(super) struct Requests {
    begun: AtomicU64,
    operations: SeriesTable<Operation, OPERATIONS>,
    beyond: Operation,
    codes: SeriesTable<Code, CODES>,
}

/// One verb of one route.
struct Operation {
    route: Box<str>,
    http_method: &'static str,
    by_class: [AtomicU64; CLASSES.len()],
    /// None of what is no operation: `HEAD` is answered by `GET`'s, and takes as long.
    durations: Option<Durations>,
}

/// One row of a catalogue.
struct Code {
    error_code: &'static str,
    failures: AtomicU64,
}

impl Labelled for Operation {
    type Labels<'l> = (&'l str, &'static str);

    fn has(&self, (route, http_method): (&str, &'static str)) -> bool {
        *self.route == *route && self.http_method == http_method
    }

    fn of((route, http_method): (&str, &'static str)) -> Self {
        let durations = (route != UNMATCHED && http_method != "HEAD").then(|| Durations::new(&LATENCY_SECONDS));
        Self { route: route.into(), http_method, by_class: Default::default(), durations }
    }
}

impl Operation {
    fn count(&self, status: u16) {
        let class = usize::from(status / 100).clamp(1, CLASSES.len()) - 1;
        if let Some(count) = self.by_class.get(class) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Labelled for Code {
    type Labels<'l> = &'static str;

    fn has(&self, error_code: &'static str) -> bool {
        self.error_code == error_code
    }

    fn of(error_code: &'static str) -> Self {
        Self { error_code, failures: AtomicU64::new(0) }
    }
}

impl Default for Requests {
    fn default() -> Self {
        let (operations, codes) = (SeriesTable::default(), SeriesTable::default());
        Self { begun: AtomicU64::new(0), operations, beyond: Operation::of((OTHER, OTHER)), codes }
    }
}

impl RequestObserver for Requests {
    fn began(&self) {
        self.begun.fetch_add(1, Ordering::Relaxed);
    }

    fn ended(&self, end: &RequestEnd<'_>) {
        // A path that is there, asked with a verb that is not, is an operation no more than an unknown path.
        let route = end.route.filter(|_| end.status != 405).unwrap_or(UNMATCHED);
        let http_method = verb(end.http_method);
        let operation = self.operation(route, http_method);
        operation.count(end.status);
        let answering = if http_method == "HEAD" { self.operation(route, "GET") } else { operation };
        if let (true, Some(durations)) = (route != UNMATCHED, &answering.durations) {
            durations.observe(end.duration);
        }
        if let Some(code) = end.error_code.and_then(|code| self.codes.get(code)) {
            code.failures.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Requests {
    fn operation(&self, route: &str, http_method: &'static str) -> &Operation {
        self.operations.get((route, http_method)).unwrap_or(&self.beyond)
    }

    /// One of everything, so that all labels are seen.
    pub(super) fn tell_an_example(&self) {
        self.began();
        let (route, error_code) = (Some("/"), Some("INTERNAL_ERROR"));
        self.ended(&RequestEnd { route, http_method: "GET", status: 500, error_code, duration: Duration::ZERO });
    }

    /// A request is counted twice, as it begins and as it ends; to count it a third time would be a fence more for each.
    fn in_flight(&self) -> i64 {
        // First those that have ended: one that ends meanwhile is in flight for a moment longer, and never less than none are.
        let counts = self.operations.iter().chain([&self.beyond]).flat_map(|operation| &operation.by_class);
        let ended: u64 = counts.map(|count| count.load(Ordering::Relaxed)).sum();
        self.begun.load(Ordering::Relaxed).saturating_sub(ended).try_into().unwrap_or(i64::MAX)
    }

    /// Those that were asked for, in the order of their routes.
    fn asked(&self) -> Vec<&Operation> {
        let mut asked: Vec<_> = self.operations.iter().chain([&self.beyond]).collect();
        asked.sort_by_key(|operation| (&*operation.route, operation.http_method));
        asked
    }

    fn write_counts(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let help = "Requests that have ended, by route template, verb and class of status.";
        let mut family = encoder.encode_descriptor("http_server_requests", help, None, MetricType::Counter)?;
        for operation in self.asked() {
            for (class, count) in CLASSES.into_iter().zip(&operation.by_class) {
                let labels = [("route", &*operation.route), ("http_method", operation.http_method), ("status_class", class)];
                write_count(&mut family, &labels, count.load(Ordering::Relaxed))?;
            }
        }
        Ok(())
    }

    fn write_durations(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let help = "Time until the answer's head is ready, of requests that reached an operation.";
        let mut family = encoder.encode_descriptor("http_server_request_duration_seconds", help, None, MetricType::Histogram)?;
        for operation in self.asked().into_iter().filter(|operation| operation.route != self.beyond.route) {
            if let Some(durations) = &operation.durations {
                let labels = [("route", &*operation.route), ("http_method", operation.http_method)];
                durations.write(&mut family.encode_family(&labels)?)?;
            }
        }
        Ok(())
    }

    fn write_failures(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let help = "Failed answers by the code of the catalogue that they tell.";
        let mut family = encoder.encode_descriptor("http_server_failures", help, None, MetricType::Counter)?;
        let mut codes: Vec<_> = self.codes.iter().collect();
        codes.sort_by_key(|code| code.error_code);
        codes.iter().try_for_each(|code| {
            write_count(&mut family, &[("error_code", code.error_code)], code.failures.load(Ordering::Relaxed))
        })
    }
}

/// A counter's line; of what has never happened none.
fn write_count<const N: usize>(family: &mut MetricEncoder<'_>, labels: &[(&str, &str); N], count: u64) -> fmt::Result {
    if count == 0 {
        return Ok(());
    }
    family.encode_family(labels)?.encode_counter::<NoLabelSet, _, u64>(&count, None)
}

impl Collector for Requests {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.write_counts(&mut encoder)?;
        self.write_durations(&mut encoder)?;
        self.write_failures(&mut encoder)?;
        let help = "Requests that have begun and not ended.";
        let mut gauge = encoder.encode_descriptor("http_server_requests_in_flight", help, None, MetricType::Gauge)?;
        gauge.encode_gauge(&self.in_flight())
    }
}

impl fmt::Debug for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Requests").finish_non_exhaustive()
    }
}

/// One of nine verbs (RFC 9110, section 9; RFC 5789), or `other`: a client may send any word.
fn verb(http_method: &str) -> &'static str {
    const VERBS: [&str; 9] = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT"];
    VERBS.into_iter().find(|verb| *verb == http_method).unwrap_or(OTHER)
}
