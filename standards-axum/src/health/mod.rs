//! Tell an orchestrator whether the service lives and whether it can take requests (contract section 7).

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;
use standards_core::Failure;
use standards_core::log::{LogLevel, Record};

use crate::answer::{ApiError, Reply};
use crate::layers::Probe;

/// The longest that a dependency may take to say that it is well.
const CHECK_LIMIT: Duration = Duration::from_millis(500);

type Answer = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;
type Check = Box<dyn Fn() -> Answer + Send + Sync>;

/// What `/health/ready` asks before it says yes.
///
/// The dependencies are asked one after the other, in the order in which they were added, and the first that is not well answers: 503
/// `SERVICE_UNAVAILABLE`. Once the service is told to stop it is not ready any more, so that no new requests are sent to it while it
/// finishes those it has. A probe is logged at `DEBUG`; that readiness changed, and why, is a record of its own.
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
    was_unready: AtomicBool,
    checks: Vec<(&'static str, Check)>,
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
        self.checks.push((dependency, Box::new(move || Box::pin(check()))));
        self
    }

    /// The switch that turns the service unready before it stops.
    pub(crate) fn draining(&self) -> Arc<AtomicBool> {
        self.draining.clone()
    }

    async fn verdict(&self) -> Result<(), (&'static str, Failure)> {
        if self.draining.load(Ordering::Relaxed) {
            return Err(("apagado", Failure::unavailable("the service is draining")));
        }
        for (dependency, check) in &self.checks {
            let timely = tokio::time::timeout(CHECK_LIMIT, check()).await;
            timely.unwrap_or_else(|late| Err(Failure::unavailable(late))).map_err(|failure| (*dependency, failure))?;
        }
        Ok(())
    }

    /// Logs the change and not the state: a probe asks every few seconds.
    fn note(&self, verdict: &Result<(), (&'static str, Failure)>) {
        let was_unready = self.was_unready.swap(verdict.is_err(), Ordering::Relaxed);
        match verdict {
            Err((dependency, failure)) if !was_unready => {
                let record = Record::new(LogLevel::Warning, "El servicio no está listo").field("dependency", *dependency);
                record.field("cause", failure.cause_chain()).failure(failure).emit();
            }
            Ok(()) if was_unready => Record::new(LogLevel::Info, "El servicio está listo otra vez").emit(),
            _ => {}
        }
    }
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

/// `/health/live`, which touches nothing, and `/health/ready`, which asks the dependencies.
pub(crate) fn routes(readiness: Readiness) -> Router {
    Router::new().route("/health/live", get(live)).route("/health/ready", get(ready)).with_state(Arc::new(readiness))
}

async fn live() -> Response {
    probe(Reply::new(Health { status: "live" }))
}

async fn ready(State(readiness): State<Arc<Readiness>>) -> Response {
    let verdict = readiness.verdict().await;
    readiness.note(&verdict);
    match verdict {
        Ok(()) => probe(Reply::new(Health { status: "ready" })),
        Err((_, failure)) => probe(ApiError::from(failure)),
    }
}

fn probe(answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    response.extensions_mut().insert(Probe);
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use http::Request;
    use tower::ServiceExt;

    async fn status(readiness: Readiness, path: &str) -> u16 {
        let request = Request::get(path).body(Body::empty()).unwrap();
        routes(readiness).oneshot(request).await.unwrap().status().as_u16()
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

    #[tokio::test]
    async fn draining_makes_it_unready() {
        let readiness = Readiness::default().with_check("db", async || Ok(()));
        readiness.draining().store(true, Ordering::Relaxed);
        assert_eq!(status(readiness, "/health/ready").await, 503);
        assert_eq!(status(Readiness::default(), "/health/ready").await, 200);
    }
}
