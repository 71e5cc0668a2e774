//! Answer in time, whatever the handler or the client does.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use standards_core::{ErrorStatus, Failure, RequestContext, context};
use tokio::time::{Instant, Sleep, sleep_until};
use tower_layer::Layer;
use tower_service::Service;

use crate::answer::{ApiError, place_of};
use crate::layers::body::Replaceable;

/// Gives a request a time to be answered in, its body's arrival included (contract section 7).
///
/// When the time is over and the client still owes a part of the body, the answer is 408; otherwise the handler was too slow,
/// and it is 503; or it is as the layer is told. Either way the handler's future is dropped: work that must not stop half-way runs in a
/// task of its own.
///
/// Inside of a request's context ([`CorrelationLayer`](crate::layers::CorrelationLayer)) it tells the deadline to whoever works for the
/// request: [`context::time_left`](standards_core::context::time_left). There the body is read on behalf of the request too: of a part that is waited for
/// outside of its context, by a bare `tokio::spawn`, the layer does not know.
///
/// ```
/// use std::time::Duration;
///
/// use axum::body::Body;
/// use axum::{Router, routing::get};
/// use http::Request;
/// use standards_axum::layers::DeadlineLayer;
/// use tower::ServiceExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let slow = async || tokio::time::sleep(Duration::from_secs(60)).await;
/// let app: Router = Router::new().route("/", get(slow)).layer(DeadlineLayer::new(Duration::from_millis(5)));
/// assert_eq!(app.oneshot(Request::new(Body::empty())).await.unwrap().status(), 503);
/// # }
/// ```
///
/// # Example: another answer
///
/// ```
/// use std::time::Duration;
///
/// use standards_axum::core::{ErrorStatus, Failure};
/// use standards_axum::layers::{DeadlineLayer, Late};
///
/// let layer = DeadlineLayer::new(Duration::from_secs(2)).answering(|late| match late {
///     Late::Body => Failure::http(ErrorStatus::REQUEST_TIMEOUT).into(),
///     Late::Handler => Failure::unavailable("the report takes longer than two seconds").into(),
/// });
/// ```
#[derive(Clone, Copy, Debug)]
pub struct DeadlineLayer<A = fn(Late) -> ApiError> {
    limit: Option<Duration>,
    answer: A,
}

/// What was not there in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Late {
    /// The rest of the client's body.
    Body,
    /// The handler's answer.
    Handler,
}

impl DeadlineLayer {
    /// Allows `limit` from the request's head to the answer's.
    #[must_use]
    pub const fn new(limit: Duration) -> Self {
        Self { limit: Some(limit), answer: too_late }
    }

    /// Allows any time: for streams, and for a server that has a deadline of its own.
    #[must_use]
    pub const fn unlimited() -> Self {
        Self { limit: None, answer: too_late }
    }

    /// Whether there is any.
    #[must_use]
    pub const fn is_limited(&self) -> bool {
        self.limit.is_some()
    }

    /// Answers requests that are late as `answer` says, which is told what was late.
    #[must_use]
    pub fn answering<A: Fn(Late) -> ApiError>(self, answer: A) -> DeadlineLayer<A> {
        DeadlineLayer { limit: self.limit, answer }
    }
}

pub(crate) fn too_late(late: Late) -> ApiError {
    match late {
        Late::Body => Failure::http(ErrorStatus::REQUEST_TIMEOUT).into(),
        Late::Handler => {
            Failure::unavailable("the handler did not finish before the deadline").with_place(place_of("handler")).into()
        }
    }
}

impl<A> DeadlineLayer<A> {
    /// For a request that comes now.
    fn timer(&self) -> Timer {
        Timer::begin(self.limit, |_| Instant::now())
    }

    /// For the request at hand, from when its context was made: for who has just made it.
    pub(crate) fn timer_of_request(&self) -> Timer {
        Timer::begin(self.limit, |request| request.map_or_else(Instant::now, |request| Instant::from_std(request.began())))
    }
}

impl<S, A: Clone> Layer<S> for DeadlineLayer<A> {
    type Service = Deadline<S, A>;

    fn layer(&self, inner: S) -> Deadline<S, A> {
        Deadline { inner, layer: self.clone() }
    }
}

/// The service of [`DeadlineLayer`].
#[derive(Clone, Copy, Debug)]
pub struct Deadline<S, A = fn(Late) -> ApiError> {
    inner: S,
    layer: DeadlineLayer<A>,
}

impl<S, A, B, R> Service<Request<B>> for Deadline<S, A>
where
    S: Service<Request<AwaitedBody<B>>, Response = Response<R>>,
    A: Fn(Late) -> ApiError + Clone,
{
    type Response = Response<Replaceable<R>>;
    type Error = S::Error;
    type Future = DeadlineFuture<S::Future, A>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let timer = self.layer.timer();
        let request = request.map(|body| timer.watch(body));
        DeadlineFuture { inner: self.inner.call(request), timer, answer: self.layer.answer.clone() }
    }
}

pin_project! {
    /// The time that a request has, and whether it is the client that is waited for.
    pub(crate) struct Timer {
        deadline: Option<Instant>,
        // Made when something is waited for: most requests are answered before.
        #[pin]
        sleep: Option<Sleep>,
        owing: Owing,
    }
}

impl Timer {
    /// Runs for `limit` from when the request at hand `began`, which is told its end: who works for it asks how much time is left.
    fn begin(limit: Option<Duration>, began: impl Fn(Option<&RequestContext>) -> Instant) -> Self {
        let (deadline, owing) = context::with_current(|request| {
            // A limit beyond what the clock can tell is none.
            let deadline = limit.and_then(|limit| began(request).checked_add(limit));
            if let (Some(request), Some(deadline)) = (request, deadline) {
                request.set_deadline(deadline.into_std());
            }
            (deadline, Owing::of(request))
        });
        Self { deadline, sleep: None, owing }
    }

    /// The request's body, which tells when the client is waited for.
    pub(crate) fn watch<B>(&self, body: B) -> AwaitedBody<B> {
        AwaitedBody { body, owing: self.owing.clone() }
    }

    /// Ready once the time is over.
    pub(crate) fn poll_late(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Late> {
        let mut this = self.project();
        if this.sleep.is_none() {
            this.sleep.set(this.deadline.map(sleep_until));
        }
        match this.sleep.as_pin_mut() {
            Some(sleep) => ready!(sleep.poll(cx)),
            None => return Poll::Pending,
        }
        Poll::Ready(if this.owing.is_clients() { Late::Body } else { Late::Handler })
    }
}

/// Whether it is the client that is waited for: the request at hand knows, and where there is none, this.
#[derive(Clone)]
struct Owing(Option<Arc<AtomicBool>>);

impl Owing {
    fn of(request: Option<&RequestContext>) -> Self {
        Self(request.is_none().then(Arc::default))
    }

    fn note(&self, is_clients: bool) {
        match &self.0 {
            Some(noted) => noted.store(is_clients, Ordering::Relaxed),
            None => context::with_current(|request| request.into_iter().for_each(|request| request.set_client_owes(is_clients))),
        }
    }

    fn is_clients(&self) -> bool {
        let asked = || context::with_current(|request| request.is_some_and(RequestContext::client_owes));
        self.0.as_ref().map_or_else(asked, |noted| noted.load(Ordering::Relaxed))
    }
}

pin_project! {
    /// The future of [`Deadline`].
    pub struct DeadlineFuture<F, A = fn(Late) -> ApiError> {
        #[pin]
        inner: F,
        #[pin]
        timer: Timer,
        answer: A,
    }
}

impl<F, A, R, E> Future for DeadlineFuture<F, A>
where
    F: Future<Output = Result<Response<R>, E>>,
    A: Fn(Late) -> ApiError,
{
    type Output = Result<Response<Replaceable<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Poll::Ready(result) = this.inner.poll(cx) {
            return Poll::Ready(result.map(|response| response.map(Replaceable::inner)));
        }
        let late = ready!(this.timer.poll_late(cx));
        Poll::Ready(Ok((this.answer)(late).into_answer().map(Replaceable::replaced)))
    }
}

pin_project! {
    /// A request body that notes when the service waits for the client.
    pub struct AwaitedBody<B> {
        #[pin]
        body: B,
        owing: Owing,
    }
}

impl<B: Body<Data = Bytes>> Body for AwaitedBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.project();
        let poll = this.body.poll_frame(cx);
        this.owing.note(poll.is_pending());
        poll
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::{BodyExt, Full};
    use standards_core::{CorrelationId, RequestContext};
    use std::convert::Infallible;
    use tower::{ServiceExt, service_fn};

    /// A body of which nothing ever arrives.
    struct Stalled;

    impl Body for Stalled {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Pending
        }
    }

    async fn status_for<B: Body<Data = Bytes> + Unpin>(body: B) -> u16 {
        let handler = service_fn(async |request: Request<AwaitedBody<B>>| {
            let mut body = std::pin::pin!(request.into_body());
            while body.frame().await.is_some() {}
            std::future::pending::<Result<Response<Full<Bytes>>, Infallible>>().await
        });
        let deadline = DeadlineLayer::new(Duration::from_secs(10)).layer(handler);
        deadline.oneshot(Request::new(body)).await.unwrap().status().as_u16()
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_arrive_is_a_request_timeout() {
        assert_eq!(status_for(Stalled).await, 408);
    }

    #[tokio::test(start_paused = true)]
    async fn a_handler_that_does_not_finish_is_unavailable() {
        assert_eq!(status_for(Full::new(Bytes::from("x"))).await, 503);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_in_time_passes() {
        let handler = service_fn(async |_: Request<AwaitedBody<Full<Bytes>>>| {
            tokio::time::sleep(Duration::from_secs(9)).await;
            Ok::<_, Infallible>(Response::new(Full::new(Bytes::from("a tiempo"))))
        });
        let deadline = DeadlineLayer::new(Duration::from_secs(10)).layer(handler);
        let response = deadline.oneshot(Request::new(Full::default())).await.unwrap();
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "a tiempo");
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_works_for_the_request_knows_how_much_time_is_left() {
        let handler = service_fn(async |_: Request<AwaitedBody<AwaitedBody<Full<Bytes>>>>| {
            tokio::time::sleep(Duration::from_millis(500)).await;
            let left = context::spawn(async { context::time_left() }).await.unwrap();
            Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(format!("{left:?}")))))
        });
        let within = |outer, inner| DeadlineLayer::new(outer).layer(DeadlineLayer::new(inner).layer(handler));
        let (long, short) = (Duration::from_secs(10), Duration::from_secs(2));
        for app in [within(long, short), within(short, long)] {
            let request = RequestContext::new(CorrelationId::generate(), "/", "GET");
            let response = context::scope(request, app.oneshot(Request::new(Full::default()))).await.unwrap();
            assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "Some(1.5s)");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_without_a_limit_may_take_any_time() {
        for layer in [DeadlineLayer::unlimited(), DeadlineLayer::new(Duration::MAX)] {
            let handler = service_fn(async |_: Request<AwaitedBody<Full<Bytes>>>| {
                Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(format!("{:?}", context::time_left())))))
            });
            let request = RequestContext::new(CorrelationId::generate(), "/", "GET");
            let response = context::scope(request, layer.layer(handler).oneshot(Request::new(Full::default()))).await.unwrap();
            assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "None");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_late_request_is_answered_as_the_layer_is_told() {
        let never = service_fn(async |_: Request<AwaitedBody<Full<Bytes>>>| {
            std::future::pending::<Result<Response<Full<Bytes>>, Infallible>>().await
        });
        let layer = DeadlineLayer::new(Duration::from_secs(1)).answering(|late| {
            assert_eq!(late, Late::Handler);
            Failure::http(ErrorStatus::PAYLOAD_TOO_LARGE).into()
        });
        assert_eq!(layer.layer(never).oneshot(Request::new(Full::default())).await.unwrap().status(), 413);
    }
}
