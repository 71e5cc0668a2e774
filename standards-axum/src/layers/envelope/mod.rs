//! Dress every failure in the envelope, whoever made it.

mod excerpt;
mod exemption;
mod foreign;
mod reading;
mod upstream;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::response::Parts;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::answer::{ApiError, FailureMark, JSON, foreign_failure};
use crate::layers::body::Replaceable;
use crate::layers::guard::with_head;
use reading::{Plan, Reading};

#[cfg(feature = "client")]
pub(crate) use excerpt::excerpt;
pub use exemption::{Exempt, Exemption, exempt, exempted_by_layer};
#[cfg(feature = "client")]
pub(crate) use upstream::errors_of_envelope;

/// Replaces the body of every answer with status >= 400 that was not made from a [`Failure`](standards_core::Failure) (contract section 1).
///
/// An answer of JSON that is the envelope of a failure already, as of a service behind a gateway, passes as it is. Any other body is
/// dropped: it may be large, endless, or say what no client should see. The access record shows the beginning of a text, 1 KiB at most;
/// what is read for either is bounded, and only a body whose length is known is waited for, a second at most.
///
/// The foreign headers stay, each as often as it stands there, so that `Allow`, `Set-Cookie` and `WWW-Authenticate` keep their meaning,
/// but for those that describe the dropped body. A status that HTTP does not know (600 to 999) becomes 500. No failure may be kept in a
/// cache, ours included.
///
/// ```
/// use axum::body::{Body, to_bytes};
/// use axum::{Router, routing::get};
/// use http::{Request, StatusCode};
/// use standards_axum::layers::EnvelopeLayer;
/// use tower::ServiceExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let app: Router = Router::new().route("/", get(|| async { (StatusCode::CONFLICT, "texto") })).layer(EnvelopeLayer::new());
/// let answer = app.oneshot(Request::new(Body::empty())).await.unwrap();
/// assert_eq!(answer.status(), 409);
/// let body = to_bytes(answer.into_body(), 1024).await.unwrap();
/// assert!(body.starts_with(br#"{"success":false,"data":null,"errors":[{"code":"HTTP_ERROR""#));
/// # }
/// ```
///
/// # Example: answers that are left alone
///
/// ```
/// use standards_axum::layers::{EnvelopeLayer, Exemption};
///
/// // A part of the service speaks RFC 9457, another one to browsers.
/// let layer = EnvelopeLayer::new()
///     .exempting(Exemption::content_type("application/problem+json"))
///     .exempting(Exemption::path("/app"));
/// ```
#[derive(Clone, Debug)]
pub struct EnvelopeLayer<D = fn(&Parts) -> Option<ApiError>> {
    dress: D,
    is_on: bool,
    exemptions: Exemptions,
}

/// Most services have none.
type Exemptions = Option<Arc<[Exemption]>>;

impl EnvelopeLayer {
    /// Dresses every failure by its status.
    #[must_use]
    pub const fn new() -> Self {
        Self { dress: Self::by_status, is_on: true, exemptions: None }
    }

    /// Leaves every answer as it is.
    #[must_use]
    pub const fn off() -> Self {
        Self { dress: |_| None, is_on: false, exemptions: None }
    }

    /// What stands in the place of a foreign failure unless the layer is told otherwise: one of the same status, or 500 where HTTP
    /// knows no such status.
    ///
    /// ```
    /// use http::Response;
    /// use standards_axum::layers::EnvelopeLayer;
    ///
    /// let head = |status: u16| Response::builder().status(status).body(()).unwrap().into_parts().0;
    /// assert_eq!(EnvelopeLayer::by_status(&head(502)).unwrap().failure().entry().code, "SERVICE_UNAVAILABLE");
    /// assert!(EnvelopeLayer::by_status(&head(200)).is_none());
    /// ```
    #[must_use]
    pub fn by_status(foreign: &Parts) -> Option<ApiError> {
        let status = foreign.status.as_u16();
        (status >= 400).then(|| foreign_failure(status).into())
    }
}

impl Default for EnvelopeLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<D: Fn(&Parts) -> Option<ApiError>> EnvelopeLayer<D> {
    /// Puts what `dress` makes of a foreign failure's head in its place; `None` leaves it as it is.
    pub const fn dressing(dress: D) -> Self {
        Self { dress, is_on: true, exemptions: None }
    }
}

impl<D> EnvelopeLayer<D> {
    /// Leaves the failures alone for which the exemption holds.
    #[must_use]
    pub fn exempting(mut self, exemption: Exemption) -> Self {
        self.exemptions = Some(self.exemptions().iter().cloned().chain([exemption]).collect());
        self
    }

    /// What it leaves alone, in the order in which it was told. Beside it [`exempted_by_layer`] says what an [`exempt`] layer marks.
    #[must_use]
    pub fn exemptions(&self) -> &[Exemption] {
        self.exemptions.as_deref().unwrap_or_default()
    }

    /// Whether it dresses anything.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.is_on
    }
}

impl<D: Clone> EnvelopeLayer<D> {
    pub(crate) fn begin<R>(&self) -> Dressing<R, D> {
        Dressing { dress: self.dress.clone(), exempt: None, exemptions: self.exemptions.clone(), reading: None }
    }
}

impl<S, D: Clone> Layer<S> for EnvelopeLayer<D> {
    type Service = Envelope<S, D>;

    fn layer(&self, inner: S) -> Envelope<S, D> {
        Envelope { inner, layer: self.clone() }
    }
}

/// The service of [`EnvelopeLayer`].
#[derive(Clone, Debug)]
pub struct Envelope<S, D = fn(&Parts) -> Option<ApiError>> {
    inner: S,
    layer: EnvelopeLayer<D>,
}

impl<S, D, B, R> Service<Request<B>> for Envelope<S, D>
where
    S: Service<Request<B>, Response = Response<R>>,
    D: Fn(&Parts) -> Option<ApiError> + Clone,
    R: Body<Data = Bytes>,
{
    type Response = Response<Replaceable<R>>;
    type Error = S::Error;
    type Future = EnvelopeFuture<S::Future, R, D>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let mut dressing = self.layer.begin();
        dressing.look_at(&mut request);
        EnvelopeFuture { inner: self.inner.call(request), dressing }
    }
}

pin_project! {
    /// The future of [`Envelope`].
    pub struct EnvelopeFuture<F, R, D = fn(&Parts) -> Option<ApiError>> {
        #[pin]
        inner: F,
        dressing: Dressing<Replaceable<R>, D>,
    }
}

impl<F, D, R, E> Future for EnvelopeFuture<F, R, D>
where
    F: Future<Output = Result<Response<R>, E>>,
    D: Fn(&Parts) -> Option<ApiError>,
    R: Body<Data = Bytes>,
{
    type Output = Result<Response<Replaceable<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.dressing.poll(cx, |cx| this.inner.poll(cx).map_ok(|response| response.map(Replaceable::inner)))
    }
}

/// What becomes of a request's answer, should it be a foreign failure.
pub(crate) struct Dressing<R, D = fn(&Parts) -> Option<ApiError>> {
    dress: D,
    exempt: Option<Exempt>,
    exemptions: Exemptions,
    // Boxed, since it is seldom there and the others should not carry it.
    reading: Option<Pin<Box<Reading<R>>>>,
}

/// The answer, or that its body has to be read first.
enum Judged<R> {
    Answered(Response<R>),
    Reading(Pin<Box<Reading<R>>>),
}

impl<R, D> Dressing<R, D> {
    /// Notes the exemption that the request's head gives.
    pub(crate) fn look_at<B>(&mut self, request: &mut Request<B>) {
        if let Some(exemptions) = &self.exemptions {
            let holding = |head: &mut _| exemptions.iter().find(|exemption| exemption.holds_for_request(head)).map(Exempt::by);
            self.exempt = with_head(request, holding);
        }
    }

    /// Whether the answer is left alone; its mark says by what.
    fn exempts(&mut self, head: &mut Parts) -> bool {
        let of_answer = || self.exemptions.iter().flat_map(|all| all.iter()).find(|exemption| exemption.holds_for_answer(head));
        let exempt = self.exempt.take().or_else(|| of_answer().map(Exempt::by));
        if let Some(exempt) = exempt {
            head.extensions.insert(exempt);
        }
        head.extensions.get::<Exempt>().is_some()
    }
}

impl<R: Body<Data = Bytes> + From<Bytes>, D: Fn(&Parts) -> Option<ApiError>> Dressing<R, D> {
    /// The answer that `inner` gives, dressed where it is a foreign failure.
    pub(crate) fn poll<E>(
        &mut self,
        cx: &mut Context<'_>,
        inner: impl FnOnce(&mut Context<'_>) -> Poll<Result<Response<R>, E>>,
    ) -> Poll<Result<Response<R>, E>> {
        if self.reading.is_none() {
            let answered = inner(cx);
            if !is_failure(&answered) {
                return answered;
            }
            match self.judge(ready!(answered)?) {
                Judged::Answered(answer) => return Poll::Ready(Ok(answer)),
                Judged::Reading(reading) => self.reading = Some(reading),
            }
        }
        let Some(reading) = &mut self.reading else { return Poll::Pending };
        reading.as_mut().poll(cx).map(|answer| Ok(answer.map(R::from)))
    }

    fn judge(&mut self, response: Response<R>) -> Judged<R> {
        if is_ours(&response) {
            return Judged::Answered(foreign::uncached(response));
        }
        let (mut head, body) = response.into_parts();
        let error = if self.exempts(&mut head) { None } else { (self.dress)(&head) };
        let Some(error) = error else { return Judged::Answered(Response::from_parts(head, body)) };
        match Plan::of(&head, body.size_hint().exact()) {
            Some(plan) => Judged::Reading(Box::pin(Reading::new(plan, head, body, error))),
            None => Judged::Answered(foreign::replaced(head, error).map(R::from)),
        }
    }
}

// Looked at where it stands: an answer is large, and most are none.
fn is_failure<R, E>(answered: &Poll<Result<Response<R>, E>>) -> bool {
    matches!(answered, Poll::Ready(Ok(response)) if response.status().as_u16() >= 400)
}

/// Whether it was made from a failure, and is still the envelope that it was.
fn is_ours<R>(response: &Response<R>) -> bool {
    let is_json = |kind: &HeaderValue| kind == JSON;
    FailureMark::is_on(response.extensions()) && response.headers().get(CONTENT_TYPE).is_some_and(is_json)
}

/// The media type of a body, without its parameters.
pub(crate) fn media_type(headers: &HeaderMap) -> &str {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests;
