//! Write one record per request, the only one that tells how it ended.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use http::{Request, Response};
use pin_project_lite::pin_project;
use standards_core::log::{LogLevel, Record};
use standards_core::{Failure, context};
use tower_layer::Layer;
use tower_service::Service;

use crate::answer::FailureMark;

/// Logs each request when its answer is ready (contract section 4): status, duration, verb and route; of a failed one also why.
///
/// Nothing else logs a failure, so each stands in the log once. A request that is given up before its answer,
/// because the client left or the process stops, is logged as 499.
#[derive(Clone, Copy, Debug, Default)]
pub struct AccessLogLayer;

/// Marks the answer of a probe: health and metrics are asked for every few seconds and are logged at `DEBUG`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProbeMark;

/// The status, of nobody's standard but in wide use, of a request that its client gave up.
const CLIENT_CLOSED_REQUEST: u16 = 499;

impl<S> Layer<S> for AccessLogLayer {
    type Service = AccessLog<S>;

    fn layer(&self, inner: S) -> AccessLog<S> {
        AccessLog { inner }
    }
}

/// The service of [`AccessLogLayer`].
#[derive(Clone, Debug)]
pub struct AccessLog<S> {
    inner: S,
}

impl<S, B, R> Service<Request<B>> for AccessLog<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = AccessLogFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        AccessLogFuture { started: Some(Instant::now()), inner: self.inner.call(request) }
    }
}

pin_project! {
    /// The future of [`AccessLog`].
    pub struct AccessLogFuture<F> {
        #[pin]
        inner: F,
        // Taken when the record is written.
        started: Option<Instant>,
    }

    impl<F> PinnedDrop for AccessLogFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            if let Some(started) = this.project().started.take() {
                let message = "La solicitud se abandonó antes de la respuesta";
                access_record(LogLevel::Warning, message, CLIENT_CLOSED_REQUEST, started).emit();
            }
        }
    }
}

impl<F, R, E> Future for AccessLogFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<R>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = ready!(this.inner.poll(cx));
        if let (Some(started), Ok(response)) = (this.started.take(), &result) {
            log_answer(response, started);
        }
        Poll::Ready(result)
    }
}

/// The record itself is written when the answer has been sent.
fn log_answer<R>(response: &Response<R>, started: Instant) {
    let record = record_of(response, started);
    context::defer(move || record.emit());
}

fn record_of<R>(response: &Response<R>, started: Instant) -> Record<'static> {
    let status = response.status().as_u16();
    let probe = response.extensions().get::<ProbeMark>().is_some();
    match response.extensions().get::<FailureMark>() {
        _ if probe => access_record(LogLevel::Debug, "Sonda atendida", status, started),
        Some(FailureMark(failure)) => access_record(failure.entry().level, sentence(failure), status, started).failure(failure),
        None => access_record(LogLevel::of_status(status), "Solicitud atendida", status, started),
    }
}

fn sentence(failure: &Failure) -> String {
    let kind = match (failure.entry().code, failure.status().as_u16()) {
        ("VALIDATION_ERROR", _) => "Error de validación",
        ("HTTP_ERROR", _) => "Error HTTP",
        (_, 500..) => "Error inesperado",
        _ => "Error de dominio",
    };
    format!("{kind}: {}", failure.message())
}

fn access_record(level: LogLevel, message: impl Into<Cow<'static, str>>, status: u16, started: Instant) -> Record<'static> {
    let duration_ms = (started.elapsed().as_secs_f64() * 1e6).round() / 1e3;
    let record =
        Record::new(level, message).target("standards::access").field("status", status).field("duration_ms", duration_ms);
    let Some(request) = context::current() else { return record };
    let record = record.field("http_method", request.http_method());
    match request.route() {
        Some(route) => record.field("route", route),
        None => record,
    }
}
