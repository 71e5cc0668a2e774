//! The outer half of the stack: who a request is, what is told of it, and other origins.
//!
//! As with the inner half ([`sheltered`](super::sheltered)), the layers' own decisions in one service.

use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::X_CONTENT_TYPE_OPTIONS;
use http::{HeaderValue, Request, Response};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use standards_core::context::InContext;
use tokio_util::either::Either;
use tower_http::cors;
use tower_service::Service;

use super::sheltered::{Sheltered, ShelteredBody, Sheltering};
use crate::layers::{
    AccessLogFuture, AccessLogLayer, AwaitedBody, CorrelatedBody, LoggedBody, NamedAnswer, Naming, Preflight, PreflightFuture,
    Sent,
};

/// The other origins that may call: where there are none, CORS is not in the stack.
#[expect(clippy::large_enum_variant, reason = "there is one per connection, and a box would cost each request a jump")]
#[derive(Clone, Debug)]
pub(super) enum Origins<S> {
    Some(Preflight<S>),
    None(S),
}

type OriginsFuture<F> = Either<PreflightFuture<cors::ResponseFuture<F>, F>, F>;

impl<S, B, R> Service<Request<B>> for Origins<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Default,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = OriginsFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        match self {
            Self::Some(cors) => cors.poll_ready(cx),
            Self::None(inner) => inner.poll_ready(cx),
        }
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        match self {
            Self::Some(cors) => Either::Left(cors.call(request)),
            Self::None(inner) => Either::Right(inner.call(request)),
        }
    }
}

/// A service inside the standard: what [`StandardsLayer`](super::StandardsLayer) makes of a `S`.
#[derive(Clone, Debug)]
pub struct Standardized<S> {
    inner: Origins<Sheltered<S>>,
    naming: Naming,
    access_log: AccessLogLayer,
}

impl<S> Standardized<S> {
    pub(super) const fn new(inner: Origins<Sheltered<S>>, naming: Naming, access_log: AccessLogLayer) -> Self {
        Self { inner, naming, access_log }
    }
}

impl<S, B, R> Service<Request<B>> for Standardized<S>
where
    S: Service<Request<AwaitedBody<B>>, Response = Response<R>>,
    R: Body<Data = Bytes>,
{
    type Response = Response<StandardizedBody<R>>;
    type Error = S::Error;
    type Future = StandardizedFuture<S::Future, R>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Service::<Request<B>>::poll_ready(&mut self.inner, cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let (context, named) = self.naming.name(&mut request);
        let begun = named.begin(context);
        let logged = AccessLogFuture::new(self.access_log.watch_request(), self.inner.call(request));
        StandardizedFuture { inner: begun.scope(logged), named }
    }
}

type Logged<F, R> = AccessLogFuture<OriginsFuture<Pin<Box<Sheltering<F, R>>>>>;

pin_project! {
    /// The future of [`Standardized`].
    pub struct StandardizedFuture<F, R> {
        #[pin]
        inner: InContext<Logged<F, R>>,
        // Behind what is within its span, which is dropped first.
        named: NamedAnswer,
    }
}

impl<F, R, E> Future for StandardizedFuture<F, R>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: Body<Data = Bytes>,
{
    type Output = Result<Response<StandardizedBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let mut is_told = false;
        let answered = this.named.within(|| this.inner.as_mut().within(|inner| poll_once(inner, cx, &mut is_told)));
        let mut response = ready!(answered)?;
        let (sent, ticket) = (Sent::of(&response, is_told), this.named.end(&mut response));
        // No browser is to guess at the type of an answer.
        response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, const { HeaderValue::from_static("nosniff") });
        Poll::Ready(Ok(response.map(|body| StandardizedBody {
            inner: CorrelatedBody::new(this.inner.hand_on(LoggedBody::new(body, sent)), ticket),
        })))
    }
}

/// The answer; with it the future goes, within the request's context.
fn poll_once<F, R, E>(
    mut future: Pin<&mut Option<AccessLogFuture<F>>>,
    cx: &mut Context<'_>,
    is_told: &mut bool,
) -> Poll<F::Output>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    let Some(logged) = future.as_mut().as_pin_mut() else { return Poll::Pending };
    let answered = logged.poll_told(cx, is_told);
    if answered.is_ready() {
        future.set(None);
    }
    answered
}

pin_project! {
    /// The body of a [`Standardized`] service's answer: the inner service's, or that of a failure in its place.
    pub struct StandardizedBody<B> {
        #[pin]
        inner: CorrelatedBody<LoggedBody<ShelteredBody<B>>>,
    }
}

impl<B> Body for StandardizedBody<B>
where
    B: Body<Data = Bytes>,
    B::Error: Display,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        self.project().inner.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
