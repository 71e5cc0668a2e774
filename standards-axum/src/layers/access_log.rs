//! Write one record per request, the only one that tells how it ended.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::MatchedPath;
use http::{Request, Response};
use pin_project_lite::pin_project;
use standards_core::log::{FieldWriter, LogLevel, Record};
use standards_core::{RequestContext, context};
use tokio::time::Instant;
use tower::util::MapRequestLayer;
use tower_layer::Layer;
use tower_service::Service;

use super::ending::LoggedBody;
use super::envelope::Exempt;
use super::observer::{Observed, Observers, RequestObserver};
use crate::answer::{FailureMark, Outcome};

/// Logs each request when its answer is ready (contract section 4): status, duration, verb and route; of a failed one also why.
///
/// Nothing else logs a failure, so each stands in the log once, and no setting of the layer leaves it out. A request that is given up
/// before its answer, because the client left or the process stops, is logged as 499. An answer whose body breaks off later, by an error
/// or a panic of the service (`ERROR`) or because nobody reads on (`WARNING`), has one more record, with `bytes_sent`.
///
/// ```
/// use axum::{Router, routing::get};
/// use standards_axum::core::log::LogLevel;
/// use standards_axum::layers::AccessLogLayer;
///
/// let app: Router = Router::new().route("/", get(|| async { "hola" }));
/// let quiet = AccessLogLayer::new().with_level(LogLevel::Debug);
/// let app: Router = app.layer(quiet);
/// ```
#[derive(Clone, Debug)]
pub struct AccessLogLayer {
    successes: Option<LogLevel>,
    observers: Observers,
}

impl AccessLogLayer {
    /// Requests that went well are logged at `INFO`.
    #[must_use]
    pub fn new() -> Self {
        Self { successes: Some(LogLevel::Info), observers: Observers::default() }
    }

    /// Logs requests that went well at this level; failures keep that of their row in the catalogue.
    ///
    /// ```
    /// use standards_axum::core::log::LogLevel;
    /// use standards_axum::layers::AccessLogLayer;
    ///
    /// // With LOG_LEVEL=INFO, nothing of what goes well.
    /// let layer = AccessLogLayer::new().with_level(LogLevel::Debug);
    /// ```
    #[must_use]
    pub fn with_level(self, level: LogLevel) -> Self {
        Self { successes: Some(level), ..self }
    }

    /// Logs no request that went well, whatever `LOG_LEVEL` says.
    ///
    /// ```
    /// use standards_axum::StandardsLayer;
    /// use standards_axum::layers::AccessLogLayer;
    ///
    /// let layer = StandardsLayer::new().with_access_log(AccessLogLayer::failures_only());
    /// ```
    #[must_use]
    pub fn failures_only() -> Self {
        Self { successes: None, observers: Observers::default() }
    }

    /// Tells `observer` of every request, whatever is logged of it, beside those that are told already.
    ///
    /// See [`RequestObserver`].
    #[must_use]
    pub fn observed_by(self, observer: Arc<dyn RequestObserver>) -> Self {
        Self { observers: self.observers.and(observer), ..self }
    }

    /// Of a request that comes now.
    fn watch(&self) -> Watch {
        self.watch_since(|_| Instant::now())
    }

    /// Of the request at hand, from when its context was made: for who has just made it.
    pub(crate) fn watch_request(&self) -> Watch {
        self.watch_since(|request| Instant::from_std(request.began()))
    }

    fn watch_since(&self, began: impl Fn(&RequestContext) -> Instant) -> Watch {
        Watch::begin(self.successes, &self.observers, taken(began))
    }

    /// With the observers of `other` too.
    pub(crate) fn observed_as(self, other: Self) -> Self {
        Self { observers: self.observers.and_all(other.observers), ..self }
    }
}

impl Default for AccessLogLayer {
    fn default() -> Self {
        Self::new()
    }
}

/// Marks the answer of a probe, as a response extension: health and metrics are asked for every few seconds and are logged at `DEBUG`.
///
/// ```
/// use axum::response::{Extension, IntoResponse};
/// use standards_axum::layers::Probe;
///
/// async fn metrics() -> impl IntoResponse {
///     (Extension(Probe), "requests_total 7")
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Probe;

/// Marks a failed answer that the service has logged itself, as a response extension: the access record tells at `INFO` how the request
/// ended, and nothing of it stands in the log twice. Of a `Failure`, [`already_logged`](standards_core::Failure::already_logged) says so.
///
/// ```
/// use axum::response::{Extension, IntoResponse};
/// use http::StatusCode;
/// use standards_axum::layers::AlreadyLogged;
///
/// async fn report() -> impl IntoResponse {
///     tracing::error!("Informe perdido");
///     (StatusCode::INTERNAL_SERVER_ERROR, Extension(AlreadyLogged))
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct AlreadyLogged;

/// The status, of nobody's standard but in wide use, of a request that its client gave up.
pub(super) const CLIENT_CLOSED_REQUEST: u16 = 499;

impl<S> Layer<S> for AccessLogLayer {
    type Service = AccessLog<S>;

    fn layer(&self, inner: S) -> AccessLog<S> {
        AccessLog { inner, layer: self.clone() }
    }
}

/// The service of [`AccessLogLayer`].
#[derive(Clone, Debug)]
pub struct AccessLog<S> {
    inner: S,
    layer: AccessLogLayer,
}

impl<S, B, R> Service<Request<B>> for AccessLog<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: http_body::Body,
{
    type Response = Response<LoggedBody<R>>;
    type Error = S::Error;
    type Future = AccessLogFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        AccessLogFuture::new(self.layer.watch(), self.inner.call(request))
    }
}

/// A request that is under way, until its record is written.
pub(crate) struct Watch {
    // Taken when the record is written; none where a layer around this one writes it.
    started: Option<Instant>,
    observed: Observed,
    successes: Option<LogLevel>,
}

impl Watch {
    fn begin(successes: Option<LogLevel>, observers: &Observers, started: Option<Instant>) -> Self {
        let observed = if started.is_some() { observers.begin() } else { Observed::default() };
        Self { started, observed, successes }
    }

    /// Tells of the answer, where no layer around this one does; whether it was told.
    pub(crate) fn end<R, E>(&mut self, answered: &Result<Response<R>, E>) -> bool {
        let Some(duration) = self.started.take().map(|started| started.elapsed()) else { return false };
        match answered {
            Ok(response) => {
                self.observed.end(response, duration);
                log_answer(response, self.successes, duration);
            }
            Err(_) => self.observed.abandoned(duration),
        }
        true
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(started) = self.started.take() {
            let (message, duration) = ("La solicitud se abandonó antes de la respuesta", started.elapsed());
            emit(access_record(LogLevel::Warning, message), CLIENT_CLOSED_REQUEST, duration);
            self.observed.abandoned(duration);
        }
    }
}

/// When the request at hand began, unless a layer around this one tells of it already.
fn taken(began: impl Fn(&RequestContext) -> Instant) -> Option<Instant> {
    context::with_current(|request| match request {
        Some(request) => request.take_access_record().then(|| began(request)),
        None => Some(Instant::now()),
    })
}

pin_project! {
    /// The future of [`AccessLog`].
    pub struct AccessLogFuture<F> {
        // Dropped first: who gives a request up is told of before what is given up.
        watch: Watch,
        #[pin]
        inner: F,
    }
}

impl<F> AccessLogFuture<F> {
    pub(crate) const fn new(watch: Watch, inner: F) -> Self {
        Self { watch, inner }
    }

    /// The answer as it comes, told of; its body is yet to be watched where `is_told`.
    // Looked at where it stands: an answer is large.
    pub(crate) fn poll_told<R, E>(self: Pin<&mut Self>, cx: &mut Context<'_>, is_told: &mut bool) -> Poll<F::Output>
    where
        F: Future<Output = Result<Response<R>, E>>,
    {
        let this = self.project();
        let polled = this.inner.poll(cx);
        if let Poll::Ready(answered) = &polled {
            *is_told = this.watch.end(answered);
        }
        polled
    }
}

impl<F, R, E> Future for AccessLogFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: http_body::Body,
{
    type Output = Result<Response<LoggedBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut is_told = false;
        let answered = self.poll_told(cx, &mut is_told);
        answered.map_ok(|response| LoggedBody::around(response, is_told))
    }
}

fn log_answer<R>(response: &Response<R>, successes: Option<LogLevel>, duration: Duration) {
    if let Some(record) = record_of(response, successes) {
        emit(record, response.status().as_u16(), duration);
    }
}

fn record_of<R>(response: &Response<R>, successes: Option<LogLevel>) -> Option<Record<'static>> {
    if response.extensions().get::<Probe>().is_some() {
        return Some(access_record(LogLevel::Debug, "Sonda atendida"));
    }
    if response.status().as_u16() < 400 {
        return Some(access_record(successes?, "Solicitud atendida"));
    }
    let Outcome { level, message, failure } = Outcome::of(response);
    let is_logged = response.extensions().get::<AlreadyLogged>().is_some() || failure.is_logged();
    let record = access_record(if is_logged { LogLevel::Info } else { level }, message);
    Some(told_exempt(record, response).failure(&failure))
}

/// The record, with the reason for which a foreign failure was left alone.
fn told_exempt<R>(record: Record<'static>, response: &Response<R>) -> Record<'static> {
    match response.extensions().get::<Exempt>() {
        Some(exempt) if !FailureMark::is_on(response.extensions()) => record.field("exempt", exempt.reason().to_owned()),
        _ => record,
    }
}

pub(super) fn access_record(level: LogLevel, message: impl Into<Cow<'static, str>>) -> Record<'static> {
    Record::new(level, message).target("standards::access")
}

fn emit(record: Record<'_>, status: u16, duration: Duration) {
    record.emit_with(|fields| {
        fields.unsigned("status", status.into());
        fields.milliseconds("duration_ms", duration);
        tell_request(fields);
    });
}

/// What is known of the request at hand.
pub(super) fn tell_request(fields: &mut FieldWriter<'_, '_>) {
    context::with_current(|request| {
        let Some(request) = request else { return };
        fields.text("http_method", request.http_method());
        if let Some(route) = request.route() {
            fields.text("route", route);
        }
    });
}

/// The router, telling the access record which of its routes was asked for.
pub(crate) fn noting_routes<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    router.layer(note_route_layer())
}

/// The same for one route.
pub(crate) fn note_route_layer() -> MapRequestLayer<fn(Request<Body>) -> Request<Body>> {
    MapRequestLayer::new(|request| {
        note_route(&request);
        request
    })
}

/// Tells the access record of the route that axum has found for the request.
fn note_route(request: &Request<Body>) {
    if let Some(route) = request.extensions().get::<MatchedPath>() {
        context::with_current(|context| context.map(|context| context.set_route(route.as_str())));
    }
}
