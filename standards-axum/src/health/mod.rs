//! Tell an orchestrator whether the service lives and whether it can take requests (contract section 7).

mod check;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::future::join_all;
use serde::Serialize;
use standards_core::Failure;
use tokio::sync::Mutex;
use tokio::time::Instant;

pub(crate) use self::check::CheckReport;
use self::check::{Check, Need};
use crate::answer::{ApiError, Reply};
use crate::layers::Probe;

/// How long an answer stands for every probe: a thousand of them a second ask each dependency once.
const FRESH: Duration = Duration::from_secs(1);

/// What `/health/ready` asks before it says yes.
///
/// The dependencies are asked at the same time, and their answers stand for a second, however many probes come. One that the service
/// needs and that is not well answers 503 `SERVICE_UNAVAILABLE`; without one that it can do without the answer is 200 and `degraded`. Once the
/// service is told to stop it is not ready any more, so that no new requests are sent to it while it finishes those it has. A probe is
/// logged at `DEBUG`; that a dependency changed, and why, is a record of its own.
///
/// `/health/live` asks nothing: a process that cannot reach its database must not be restarted for that.
///
/// ```
/// use axum::body::Body;
/// use http::Request;
/// use standards_axum::core::Failure;
/// use standards_axum::core::settings::Environment;
/// use standards_axum::{Readiness, Service, service_info};
/// use tower::ServiceExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), standards_axum::core::settings::Problems> {
/// let readiness = Readiness::default()
///     .with_check("cola", async || Ok(()))
///     .with_check("db", async || Err(Failure::unavailable("no route to the database")));
/// let app = Service::new(service_info!(), Environment::default().settings()?).readiness(readiness).into_router();
///
/// let status = async |path| app.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap().status();
/// assert_eq!(status("/health/live").await, 200);
/// assert_eq!(status("/health/ready").await, 503);
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct Readiness {
    draining: Arc<AtomicBool>,
    checks: Vec<Check>,
    /// When they were last asked; held while they are.
    asked: Mutex<Option<Instant>>,
}

impl Readiness {
    /// Adds a dependency that must be well; an answer later than 500 ms counts as a failure.
    ///
    /// The name stands in the log record that tells why the service is not ready, and goes to no client.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicBool, Ordering};
    ///
    /// use standards_axum::Readiness;
    /// use standards_axum::core::Failure;
    ///
    /// let connected = Arc::new(AtomicBool::new(true));
    /// let asked = connected.clone();
    /// let readiness = Readiness::default().with_check("cola", move || {
    ///     let connected = asked.load(Ordering::Relaxed);
    ///     async move { if connected { Ok(()) } else { Err(Failure::unavailable("the queue is gone")) } }
    /// });
    /// ```
    #[must_use]
    pub fn with_check<F, Fut>(mut self, dependency: &'static str, check: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        self.checks.push(Check::new(dependency, Need::Required, check));
        self
    }

    /// Adds a dependency that the service can do without, such as a cache: while it is not well, `/health/ready` is still 200, and says
    /// `degraded`.
    ///
    /// ```
    /// use axum::body::{Body, to_bytes};
    /// use http::Request;
    /// use standards_axum::core::Failure;
    /// use standards_axum::core::settings::Environment;
    /// use standards_axum::{Readiness, Service, service_info};
    /// use tower::ServiceExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let readiness = Readiness::default().with_optional_check("caché", async || Err(Failure::unavailable("no route to the cache")));
    /// let app = Service::new(service_info!(), Environment::default().settings()?).readiness(readiness).into_router();
    ///
    /// let answer = app.oneshot(Request::get("/health/ready").body(Body::empty())?).await?;
    /// assert_eq!(answer.status(), 200);
    /// assert_eq!(to_bytes(answer.into_body(), 1024).await?, r#"{"success":true,"data":{"status":"degraded"},"errors":[]}"#);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_optional_check<F, Fut>(mut self, dependency: &'static str, check: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        self.checks.push(Check::new(dependency, Need::Optional, check));
        self
    }

    /// The switch that turns the service unready before it stops.
    pub(crate) fn draining(&self) -> Arc<AtomicBool> {
        self.draining.clone()
    }

    /// Whether the service can take requests; the failure of the first dependency that keeps it from that.
    async fn verdict(&self) -> Result<Health, Failure> {
        if self.draining.load(Ordering::Relaxed) {
            return Err(Failure::unavailable("the service is draining"));
        }
        self.ask_all().await;
        let mut failing = self.checks.iter().filter(|check| check.is_failing());
        match failing.clone().find(|check| check.need == Need::Required) {
            Some(check) => Err(Failure::unavailable(format!("{} is not well", check.dependency))),
            None if failing.next().is_some() => Ok(Health { status: "degraded" }),
            None => Ok(Health { status: "ready" }),
        }
    }

    /// How each dependency is, asked now unless it just was.
    pub(crate) async fn reports(&self) -> Vec<CheckReport> {
        self.ask_all().await;
        self.checks.iter().filter_map(Check::report).collect()
    }

    /// Whoever comes while they are asked waits for their answers, and asks nobody.
    async fn ask_all(&self) {
        let mut asked = self.asked.lock().await;
        if asked.is_none_or(|at| at.elapsed() >= FRESH) {
            join_all(self.checks.iter().map(Check::ask)).await;
            *asked = Some(Instant::now());
        }
    }
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

/// `/health/live`, which touches nothing, and `/health/ready`, which asks the dependencies.
pub(crate) fn routes(readiness: Arc<Readiness>) -> Router {
    Router::new().route("/health/live", get(live)).route("/health/ready", get(ready)).with_state(readiness)
}

async fn live() -> Response {
    probe(Reply::new(Health { status: "live" }))
}

async fn ready(State(readiness): State<Arc<Readiness>>) -> Response {
    match readiness.verdict().await {
        Ok(health) => probe(Reply::new(health)),
        Err(failure) => probe(ApiError::from(failure)),
    }
}

fn probe(answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    response.extensions_mut().insert(Probe);
    response
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;
    use axum::body::Body;
    use http::Request;
    use tower::ServiceExt;

    async fn status(readiness: Readiness, path: &str) -> u16 {
        let request = Request::get(path).body(Body::empty()).unwrap();
        routes(Arc::new(readiness)).oneshot(request).await.unwrap().status().as_u16()
    }

    #[tokio::test]
    async fn a_dependency_that_fails_makes_it_unready_but_not_dead() {
        let broken = || Readiness::default().with_check("db", async || Err(Failure::unavailable("down")));
        assert_eq!(status(broken(), "/health/ready").await, 503);
        assert_eq!(status(broken(), "/health/live").await, 200);
    }

    #[tokio::test(start_paused = true)]
    async fn a_dependency_that_is_late_makes_it_unready() {
        let late = Readiness::default().with_check("db", async || {
            tokio::time::sleep(Duration::from_millis(600)).await;
            Ok(())
        });
        assert_eq!(status(late, "/health/ready").await, 503);
    }

    #[tokio::test(start_paused = true)]
    async fn dependencies_are_asked_at_the_same_time() {
        let slow = || async {
            tokio::time::sleep(Duration::from_millis(400)).await;
            Ok(())
        };
        let (readiness, begun) = (Readiness::default().with_check("a", slow).with_check("b", slow), Instant::now());
        assert_eq!(status(readiness, "/health/ready").await, 200);
        assert_eq!(begun.elapsed(), Duration::from_millis(400));
    }

    #[tokio::test(start_paused = true)]
    async fn a_thousand_probes_a_second_ask_once() {
        let (asked, count) = counting();
        let routes = routes(Arc::new(Readiness::default().with_check("db", count)));
        let probe = || routes.clone().oneshot(Request::get("/health/ready").body(Body::empty()).unwrap());
        for answer in join_all((0..1000).map(|_| probe())).await {
            assert_eq!(answer.unwrap().status(), 200);
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        tokio::time::advance(FRESH).await;
        probe().await.unwrap();
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }

    fn counting() -> (Arc<AtomicUsize>, impl Fn() -> std::future::Ready<Result<(), Failure>> + Send + Sync) {
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = asked.clone();
        let count = move || {
            counted.fetch_add(1, Ordering::Relaxed);
            std::future::ready(Ok(()))
        };
        (asked, count)
    }

    /// Its client left, or its deadline passed: the next one asks.
    #[tokio::test(start_paused = true)]
    async fn a_probe_that_is_given_up_keeps_nobody_waiting() {
        let (asked, count) = counting();
        let late = async || {
            tokio::time::sleep(Duration::from_millis(400)).await;
            Ok(())
        };
        let routes = routes(Arc::new(Readiness::default().with_check("db", count).with_check("cola", late)));
        let probe = || routes.clone().oneshot(Request::get("/health/ready").body(Body::empty()).unwrap());
        assert!(tokio::time::timeout(Duration::from_millis(10), probe()).await.is_err());
        assert_eq!(probe().await.unwrap().status(), 200);
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn draining_makes_it_unready() {
        let readiness = Readiness::default().with_check("db", async || Ok(()));
        readiness.draining().store(true, Ordering::Relaxed);
        assert_eq!(status(readiness, "/health/ready").await, 503);
        assert_eq!(status(Readiness::default(), "/health/ready").await, 200);
    }
}
