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
use standards_core::{ErrorStatus, Failure};
use tokio::time::Sleep;
use tower_layer::Layer;
use tower_service::Service;

use crate::answer::ApiError;
use crate::layers::body::Replaceable;

/// Gives a request a time to be answered in, its body's arrival included (contract section 7).
///
/// When the time is over and the client still owes a part of the body, the answer is 408; otherwise the handler was too slow,
/// and it is 503. Either way the handler's future is dropped: work that must not stop half-way runs in a task of its own.
#[derive(Clone, Copy, Debug)]
pub struct DeadlineLayer {
    limit: Option<Duration>,
}

impl DeadlineLayer {
    /// Allows `limit` from the request's head to the answer's.
    #[must_use]
    pub const fn new(limit: Duration) -> Self {
        Self { limit: Some(limit) }
    }

    /// Allows any time.
    #[must_use]
    pub const fn unlimited() -> Self {
        Self { limit: None }
    }
}

impl<S> Layer<S> for DeadlineLayer {
    type Service = Deadline<S>;

    fn layer(&self, inner: S) -> Deadline<S> {
        Deadline { inner, limit: self.limit }
    }
}

/// The service of [`DeadlineLayer`].
#[derive(Clone, Debug)]
pub struct Deadline<S> {
    inner: S,
    limit: Option<Duration>,
}

impl<S, B, R> Service<Request<B>> for Deadline<S>
where
    S: Service<Request<AwaitedBody<B>>, Response = Response<R>>,
{
    type Response = Response<Replaceable<R>>;
    type Error = S::Error;
    type Future = DeadlineFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let client_owes = Arc::new(AtomicBool::new(false));
        let request = request.map(|body| AwaitedBody { body, client_owes: client_owes.clone() });
        DeadlineFuture { inner: self.inner.call(request), sleep: self.limit.map(tokio::time::sleep), client_owes }
    }
}

pin_project! {
    /// The future of [`Deadline`].
    pub struct DeadlineFuture<F> {
        #[pin]
        inner: F,
        #[pin]
        sleep: Option<Sleep>,
        client_owes: Arc<AtomicBool>,
    }
}

impl<F, R, E> Future for DeadlineFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<Replaceable<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Poll::Ready(result) = this.inner.poll(cx) {
            return Poll::Ready(result.map(|response| response.map(Replaceable::inner)));
        }
        match this.sleep.as_pin_mut() {
            Some(sleep) => ready!(sleep.poll(cx)),
            None => return Poll::Pending,
        }
        Poll::Ready(Ok(too_late(this.client_owes.load(Ordering::Relaxed)).into_answer().map(Replaceable::replaced)))
    }
}

fn too_late(client_owes: bool) -> ApiError {
    if client_owes {
        Failure::http(ErrorStatus::REQUEST_TIMEOUT).into()
    } else {
        Failure::unavailable("the handler did not finish before the deadline").into()
    }
}

pin_project! {
    /// A request body that notes when the service waits for the client.
    pub struct AwaitedBody<B> {
        #[pin]
        body: B,
        client_owes: Arc<AtomicBool>,
    }
}

impl<B: Body<Data = Bytes>> Body for AwaitedBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.project();
        let poll = this.body.poll_frame(cx);
        this.client_owes.store(poll.is_pending(), Ordering::Relaxed);
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
}
