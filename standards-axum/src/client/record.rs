//! How a call ended, told once: one record, and every observer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use standards_core::Failure;
use standards_core::log::{LogLevel, Record};

use super::blotted::Confidences;
use super::call_span::CallSpan;
use super::upstream_error::{Reason, UpstreamError};
use crate::layers::excerpt;

/// How a call ended, for metrics.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CallOutcome<'a> {
    /// The name of the service that was called.
    pub upstream: &'static str,
    /// The verb.
    pub method: &'a Method,
    /// The status of the last answer, if there was one.
    pub status: Option<StatusCode>,
    /// From the beginning to the end, pauses included.
    pub duration: Duration,
    /// How often the request was sent: more than once where it was repeated, and not at all where it could not be, its time was up or a circuit
    /// breaker refused it.
    pub attempts: u32,
    /// Why it failed, if it did. Its code may be one that the other service made up, and is no label of a metric: [`outcome`](Self::outcome) is.
    pub failure: Option<&'a Failure>,
    /// Whether whoever called did not wait for the end.
    pub is_abandoned: bool,
}

impl CallOutcome<'_> {
    /// One of few words: `ok`, `abandoned`, that of a [`Reason`](super::Reason), or `other` for the failure of a layer.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        match self.failure {
            _ if self.is_abandoned => "abandoned",
            None => "ok",
            Some(failure) => UpstreamError::of(failure).map_or("other", |error| error.reason().as_str()),
        }
    }
}

/// Is told how each call of a [`Client`](super::Client) ended, in the task that called. A function will do.
pub trait CallObserver: Send + Sync {
    /// A call has ended.
    fn ended(&self, call: &CallOutcome<'_>);
}

impl<F: Fn(&CallOutcome<'_>) + Send + Sync> CallObserver for F {
    fn ended(&self, call: &CallOutcome<'_>) {
        self(call);
    }
}

/// A call that will be told: when it ends, or when nobody waits for that any more.
pub(super) struct Told {
    upstream: &'static str,
    observers: Vec<Arc<dyn CallObserver>>,
    request: Request<Bytes>,
    started: Instant,
    attempts: u32,
    status: Option<StatusCode>,
    span: CallSpan,
    is_told: bool,
}

impl Told {
    pub(super) fn new(
        upstream: &'static str,
        observers: Vec<Arc<dyn CallObserver>>,
        request: Request<Bytes>,
        span: CallSpan,
    ) -> Self {
        Self { upstream, observers, request, started: Instant::now(), attempts: 0, status: None, span, is_told: false }
    }

    /// What is sent.
    pub(super) const fn request(&self) -> &Request<Bytes> {
        &self.request
    }

    /// How often it was sent.
    pub(super) const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Notes an attempt, and hands out what it sends.
    pub(super) fn attempt(&mut self) -> Request<Bytes> {
        self.attempts = self.attempts.saturating_add(1);
        self.status = None;
        self.request.clone()
    }

    /// Notes what became of it.
    pub(super) fn answered(&mut self, result: &Result<Response<Bytes>, Failure>) {
        let error = result.as_ref().err().and_then(UpstreamError::of);
        if error.is_some_and(|error| error.reason() == Reason::NotPermitted) {
            self.attempts = self.attempts.saturating_sub(1);
        }
        self.status = match result {
            Ok(answer) => Some(answer.status()),
            Err(_) => error.and_then(UpstreamError::status),
        };
    }

    /// Tells how the call ended.
    pub(super) fn end(&mut self, failure: Option<&Failure>) {
        let is_refused = self.status.is_some_and(|status| status.as_u16() >= 400);
        match failure {
            Some(failure) => self.failed(failure).emit(),
            None if is_refused => self.record(LogLevel::Warning, "Llamada fallida").emit(),
            None => self.record(LogLevel::Info, "Llamada atendida").emit(),
        }
        self.observe(failure, false);
    }

    fn observe(&mut self, failure: Option<&Failure>, is_abandoned: bool) {
        self.is_told = true;
        let Self { upstream, status, attempts, .. } = *self;
        let (method, duration) = (self.request.method(), self.started.elapsed());
        let outcome = CallOutcome { upstream, method, status, duration, attempts, failure, is_abandoned };
        self.span.end(&outcome);
        self.observers.iter().for_each(|observer| observer.ended(&outcome));
    }

    fn record(&self, level: LogLevel, message: &'static str) -> Record<'static> {
        let duration_ms = (self.started.elapsed().as_secs_f64() * 1e6).round() / 1e3;
        let record = Record::new(level, message).target("standards::client").field("upstream", self.upstream);
        let record = record.field("http_method", self.request.method().as_str().to_owned());
        let record = record.field("path", self.request.uri().path().to_owned());
        let record = record.field("attempts", self.attempts).field("duration_ms", duration_ms);
        match self.status {
            Some(status) => record.field("upstream_status", status.as_u16()),
            None => record,
        }
    }

    /// Why it failed; `ERROR` is for the access record, if the request fails with it.
    fn failed(&self, failure: &Failure) -> Record<'static> {
        let record = self.record(LogLevel::Warning, "Llamada fallida").failure(failure).field("error", failure.cause_chain());
        let Some(error) = UpstreamError::of(failure) else { return record };
        let record = record.field("reason", error.reason().as_str());
        let record = match self.sentences(error) {
            Some(sentences) => record.field("upstream_errors", sentences),
            None => record,
        };
        match error.excerpt() {
            Some(text) => record.field("foreign_body", Confidences::of(&self.request).blot(text)),
            None => record,
        }
    }

    /// What the other service said in its envelope.
    fn sentences(&self, error: &UpstreamError) -> Option<String> {
        let confidences = Confidences::of(&self.request);
        let told =
            error.errors().iter().take(8).map(|item| [&item.code, &item.message].map(|text| confidences.blot(text)).join(": "));
        excerpt(told.collect::<Vec<_>>().join("; ").as_bytes(), true)
    }
}

/// Nobody waits any more: the client of the request has left, or its time is up.
impl Drop for Told {
    fn drop(&mut self) {
        if !self.is_told {
            self.record(LogLevel::Warning, "Llamada abandonada").emit();
            self.observe(None, true);
        }
    }
}
