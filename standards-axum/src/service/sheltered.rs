//! The inner half of the stack: what is refused, what is answered in the place of a service, and how.
//!
//! [`StandardsLayer`] tells the order. It is the layers' own decisions, asked one after the other in one service, and not the layers
//! themselves: requests, answers and futures are large, and each layer moves them once more (`cargo bench-http`). A test holds it to the
//! layers.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use standards_core::catch_panic;
use tower_service::Service;

use super::StandardsLayer;
use crate::answer::ApiError;
use crate::forwarded::TrustedProxies;
use crate::layers::{
    AdmissionLayer, AdmittedBody, AwaitedBody, DeadlineLayer, Dressing, EnvelopeLayer, HeadCheck, Permit, RateLimit, Replaceable,
    Timer, framing_of, too_late, with_head,
};

/// What is asked of a head before its request takes a place in flight.
#[derive(Clone, Debug, Default)]
pub(super) struct Entrance {
    pub(super) proxies: Option<TrustedProxies>,
    pub(super) rate_limit: Option<RateLimit>,
}

impl Entrance {
    fn check<B>(&self, request: &mut Request<B>) -> Result<(), ApiError> {
        framing_of(request.headers())?;
        if let Some(proxies) = &self.proxies {
            with_head(request, |head| proxies.check(head))?;
        }
        self.rate_limit.as_ref().map_or(Ok(()), |limit| with_head(request, |head| limit.check(head)))
    }
}

/// A service whose requests are admitted and timed, and whose failures are dressed.
#[derive(Clone, Debug)]
pub(super) struct Sheltered<S> {
    inner: S,
    envelope: EnvelopeLayer,
    entrance: Entrance,
    admission: Option<AdmissionLayer>,
    deadline: DeadlineLayer,
}

/// The service's body, or one in its place.
pub(super) type ShelteredBody<B> = AdmittedBody<Replaceable<B>>;

impl<S> Sheltered<S> {
    pub(super) fn new(inner: S, standards: &StandardsLayer) -> Self {
        let (envelope, entrance) = (standards.envelope.clone(), standards.entrance.clone());
        Self { inner, envelope, entrance, admission: standards.admission.clone(), deadline: standards.deadline }
    }

    /// The request's place in flight, where it needs one.
    fn admit<B>(&self, request: &mut Request<B>) -> Result<Option<Permit>, ApiError> {
        self.entrance.check(request)?;
        self.admission.as_ref().map_or(Ok(None), |admission| admission.place(request.uri().path()))
    }

    /// Has `stage` be that of the service at work.
    // Where it stays: what is given back is moved, out of what catches a panic too.
    fn start<B>(
        &mut self,
        request: Request<B>,
        permit: Option<Permit>,
        mut stage: Pin<&mut Stage<S::Future>>,
    ) -> Result<(), ApiError>
    where
        S: Service<Request<AwaitedBody<B>>>,
    {
        let timer = self.deadline.timer_of_request();
        let request = request.map(|body| timer.watch(body));
        Ok(catch_panic(|| stage.set(Stage::Running { future: self.inner.call(request), timer, permit }))?)
    }
}

impl<S, B, R> Service<Request<B>> for Sheltered<S>
where
    S: Service<Request<AwaitedBody<B>>, Response = Response<R>>,
    R: Body<Data = Bytes>,
{
    type Response = Response<ShelteredBody<R>>;
    type Error = S::Error;
    // Boxed, so that what stands around it moves no more than this.
    type Future = Pin<Box<Sheltering<S::Future, R>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let mut answering = Box::pin(Sheltering { stage: Stage::Refused { error: None }, dressing: self.envelope.begin() });
        let this = answering.as_mut().project();
        let mut stage = this.stage;
        this.dressing.look_at(&mut request);
        let started = match self.admit(&mut request) {
            Ok(permit) => self.start(request, permit, stage.as_mut()),
            Err(error) => Err(error),
        };
        if let Err(error) = started {
            stage.set(Stage::Refused { error: Some(error) });
        }
        answering
    }
}

pin_project! {
    /// The future of [`Sheltered`].
    pub(super) struct Sheltering<F, R> {
        #[pin]
        stage: Stage<F>,
        dressing: Dressing<ShelteredBody<R>>,
    }
}

pin_project! {
    #[project = StageProjection]
    enum Stage<F> {
        Running {
            #[pin]
            future: F,
            #[pin]
            timer: Timer,
            permit: Option<Permit>,
        },
        Refused {
            error: Option<ApiError>,
        },
    }
}

impl<F, R, E> Future for Sheltering<F, R>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: Body<Data = Bytes>,
{
    type Output = Result<Response<ShelteredBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.dressing.poll(cx, |cx| this.stage.poll_answer(cx))
    }
}

impl<F> Stage<F> {
    /// The service's answer, or what stands in its place.
    fn poll_answer<R, E>(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<Response<ShelteredBody<R>>, E>>
    where
        F: Future<Output = Result<Response<R>, E>>,
    {
        let (future, timer, permit) = match self.project() {
            StageProjection::Running { future, timer, permit } => (future, timer, permit),
            StageProjection::Refused { error } => return error.take().map_or(Poll::Pending, |error| in_place(error, None)),
        };
        let admitted = |response: Response<R>| response.map(|body| AdmittedBody::new(Replaceable::inner(body), permit.take()));
        match catch_panic(|| future.poll(cx).map_ok(admitted)) {
            Ok(Poll::Pending) => in_place(too_late(ready!(timer.poll_late(cx))), permit.take()),
            Ok(answered) => answered,
            Err(panic) => in_place(panic.into(), permit.take()),
        }
    }
}

/// The answer that `error` makes.
fn in_place<R, E>(error: ApiError, permit: Option<Permit>) -> Poll<Result<Response<ShelteredBody<R>>, E>> {
    Poll::Ready(Ok(error.into_answer().map(|bytes| AdmittedBody::new(Replaceable::replaced(bytes), permit))))
}
