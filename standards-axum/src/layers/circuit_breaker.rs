//! Leave a service alone that fails.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;
use standards_core::resilience::{CallError, CircuitBreaker, NotPermitted, Watched};
use tower_layer::Layer;
use tower_service::Service;

/// Has the calls of a service pass a [`CircuitBreaker`]: while its circuit is open they are refused at once, with a [`CallError`], and the service is
/// not asked.
///
/// It goes around any service; around a [`Client`](crate::client::Client) by one line, where it sees each attempt. Which results speak against the
/// service is [said](Self::judging), else it is [`ServerFailures`]: answers of 5xx, and errors. A call that is dropped before its end counts as slow where
/// it was slow already.
///
/// ```
/// use std::convert::Infallible;
///
/// use http::{Request, Response};
/// use standards_axum::core::resilience::{CallError, CircuitBreaker, CircuitPolicy};
/// use standards_axum::layers::CircuitBreakerLayer;
/// use tower::{Layer, ServiceExt, service_fn};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let broken = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::builder().status(500).body(()).unwrap()));
/// let breaker = CircuitBreaker::new("broken", CircuitPolicy::default().with_minimum_calls(2));
/// let guarded = CircuitBreakerLayer::new(breaker).layer(broken);
///
/// for _ in 0..2 {
///     assert_eq!(guarded.clone().oneshot(Request::new(())).await.unwrap().status(), 500);
/// }
/// let refused = guarded.oneshot(Request::new(())).await.unwrap_err();
/// assert!(matches!(refused, CallError::NotPermitted(_)));
/// # });
/// ```
#[derive(Clone, Debug)]
pub struct CircuitBreakerLayer<J = ServerFailures> {
    breaker: CircuitBreaker,
    judge: J,
}

/// Says which results speak against the service that was called. A function will do.
pub trait CircuitJudge<R, E> {
    /// Whether it failed.
    fn is_failure(&self, result: &Result<R, E>) -> bool;
}

impl<R, E, F: Fn(&Result<R, E>) -> bool> CircuitJudge<R, E> for F {
    fn is_failure(&self, result: &Result<R, E>) -> bool {
        self(result)
    }
}

/// Answers of 5xx speak against a service, also those with `Retry-After`, and so do errors; 4xx speak of who called.
#[derive(Clone, Copy, Debug, Default)]
pub struct ServerFailures;

impl<B, E> CircuitJudge<Response<B>, E> for ServerFailures {
    fn is_failure(&self, result: &Result<Response<B>, E>) -> bool {
        result.as_ref().map_or(true, |answer| answer.status().is_server_error())
    }
}

impl CircuitBreakerLayer {
    /// Has calls pass `breaker`.
    #[must_use]
    pub const fn new(breaker: CircuitBreaker) -> Self {
        Self { breaker, judge: ServerFailures }
    }
}

impl<J> CircuitBreakerLayer<J> {
    /// Has `judge` say which results speak against the service.
    ///
    /// ```
    /// use std::convert::Infallible;
    ///
    /// use http::Response;
    /// use standards_axum::core::resilience::{CircuitBreaker, CircuitPolicy};
    /// use standards_axum::layers::CircuitBreakerLayer;
    ///
    /// // This one says "too many requests" when it is about to break down.
    /// let layer = CircuitBreakerLayer::new(CircuitBreaker::new("fraude", CircuitPolicy::default()))
    ///     .judging(|result: &Result<Response<()>, Infallible>| result.as_ref().is_ok_and(|answer| answer.status() == 429));
    /// ```
    #[must_use]
    pub fn judging<K>(self, judge: K) -> CircuitBreakerLayer<K> {
        CircuitBreakerLayer { breaker: self.breaker, judge }
    }
}

impl<S, J: Clone> Layer<S> for CircuitBreakerLayer<J> {
    type Service = Guarded<S, J>;

    fn layer(&self, inner: S) -> Guarded<S, J> {
        Guarded { inner, breaker: self.breaker.clone(), judge: self.judge.clone() }
    }
}

/// The service of [`CircuitBreakerLayer`].
#[derive(Clone, Debug)]
pub struct Guarded<S, J = ServerFailures> {
    inner: S,
    breaker: CircuitBreaker,
    judge: J,
}

impl<S, J, Q> Service<Q> for Guarded<S, J>
where
    S: Service<Q>,
    J: CircuitJudge<S::Response, S::Error> + Clone,
{
    type Response = S::Response;
    type Error = CallError<S::Error>;
    type Future = GuardedFuture<S::Future, J>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx).map_err(CallError::Failed)
    }

    fn call(&mut self, request: Q) -> Self::Future {
        let judge = self.judge.clone();
        match self.breaker.acquire() {
            Ok(permit) => GuardedFuture { call: Some(permit.watch(self.inner.call(request))), refused: None, judge },
            Err(refused) => GuardedFuture { call: None, refused: Some(refused), judge },
        }
    }
}

pin_project! {
    /// The future of [`Guarded`].
    pub struct GuardedFuture<F, J = ServerFailures> {
        #[pin]
        call: Option<Watched<F>>,
        refused: Option<NotPermitted>,
        judge: J,
    }
}

impl<F, J, R, E> Future for GuardedFuture<F, J>
where
    F: Future<Output = Result<R, E>>,
    J: CircuitJudge<R, E>,
{
    type Output = Result<R, CallError<E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Some(refused) = this.refused.take() {
            return Poll::Ready(Err(refused.into()));
        }
        let Some(call) = this.call.as_pin_mut() else { return Poll::Pending };
        let (result, permit) = ready!(call.poll(cx));
        if this.judge.is_failure(&result) {
            permit.failure();
        } else {
            permit.success();
        }
        Poll::Ready(result.map_err(CallError::Failed))
    }
}

impl<F, J> fmt::Debug for GuardedFuture<F, J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedFuture").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use standards_core::resilience::{CircuitPolicy, State};
    use tower::{ServiceExt, service_fn};

    use super::*;

    fn breaker() -> CircuitBreaker {
        CircuitBreaker::new("clientes", CircuitPolicy::default())
    }

    async fn rate_of(status: u16) -> Option<f64> {
        let breaker = breaker();
        let answering = service_fn(async |status: u16| Ok::<_, Infallible>(Response::builder().status(status).body(()).unwrap()));
        CircuitBreakerLayer::new(breaker.clone()).layer(answering).oneshot(status).await.unwrap();
        breaker.snapshot().failure_rate
    }

    #[tokio::test(start_paused = true)]
    async fn answers_of_5xx_are_failures_and_no_others() {
        for (status, rate) in [(200, 0.0), (304, 0.0), (404, 0.0), (429, 0.0), (500, 100.0), (503, 100.0), (599, 100.0)] {
            assert_eq!(rate_of(status).await, Some(rate), "{status}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn errors_are_failures_and_an_open_circuit_asks_nobody() {
        let (asked, breaker) = (Arc::new(AtomicU32::new(0)), breaker());
        let counted = asked.clone();
        let failing = service_fn(move |()| {
            counted.fetch_add(1, Ordering::Relaxed);
            std::future::ready(Err::<Response<()>, _>("no route"))
        });
        let guarded = CircuitBreakerLayer::new(breaker.clone()).layer(failing);
        for call in 0..1000 {
            let error = guarded.clone().oneshot(()).await.unwrap_err();
            assert_eq!(matches!(error, CallError::Failed("no route")), call < 10, "{call}");
        }
        assert_eq!((asked.load(Ordering::Relaxed), breaker.snapshot().not_permitted), (10, 990));
    }

    #[tokio::test(start_paused = true)]
    async fn callers_that_always_give_up_open_it() {
        let breaker = breaker();
        let silent = service_fn(async |()| std::future::pending::<Result<Response<()>, Infallible>>().await);
        let guarded = CircuitBreakerLayer::new(breaker.clone()).layer(silent);
        for _ in 0..10 {
            let call = tokio::time::timeout(Duration::from_millis(100), guarded.clone().oneshot(()));
            assert!(call.await.is_err());
        }
        assert_eq!(breaker.state(), State::Open);
    }

    #[tokio::test(start_paused = true)]
    async fn a_judge_of_ones_own_has_the_word() {
        let breaker = breaker();
        let echo = service_fn(async |number: u8| Ok::<_, Infallible>(number));
        let odd = CircuitBreakerLayer::new(breaker.clone()).judging(|result: &Result<u8, Infallible>| result.unwrap() % 2 == 1);
        let guarded = odd.layer(echo);
        for number in 0..4 {
            assert_eq!(guarded.clone().oneshot(number).await.unwrap(), number);
        }
        assert_eq!(breaker.snapshot().failure_rate, Some(50.0));
    }
}
