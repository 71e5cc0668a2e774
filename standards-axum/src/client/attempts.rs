//! A request, sent until it is answered, while there is time, and while it may be repeated.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Method, Request, Response};
use standards_core::Failure;
use standards_core::context::{self, process_id};
use standards_core::resilience::RetryPolicy;
use tokio::time::{Instant, sleep, timeout};
use tower::ServiceExt;
use tower_service::Service;

use super::call_span::CallSpan;
use super::policy::Policy;
use super::record::Told;
use super::retry_after::retry_after;
use super::upstream_error::{Reason, UpstreamError};
use crate::answer::JSON;
use crate::extract::IDEMPOTENCY_KEY;
use crate::layers::{TRACEPARENT, X_CORRELATION_ID};

/// Sends the request, unless it is `broken`, within its time; `read` makes of the answer what was asked for. How it ended is told once.
pub(super) async fn perform<S, R>(
    service: S,
    policy: Policy,
    mut request: Request<Bytes>,
    broken: Option<Failure>,
    read: impl FnOnce(Response<Bytes>) -> Result<R, Failure>,
) -> Result<R, Failure>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>>,
    S::Error: Into<Failure>,
{
    let span = CallSpan::begin(policy.upstream, &request);
    name(request.headers_mut());
    span.name(request.headers_mut());
    let told = Told::new(policy.upstream, policy.observers.clone(), request, span);
    let mut attempts = Attempts::new(service, &policy, told);
    let answered = match broken {
        Some(broken) => Err(broken),
        None => attempts.within_time().await,
    };
    let result = answered.and_then(read);
    attempts.told.end(result.as_ref().err());
    result
}

/// Says on whose behalf the request is made, and what may be answered.
fn name(headers: &mut HeaderMap) {
    headers.insert(ACCEPT, HeaderValue::from_static(JSON));
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers.remove(TRACEPARENT);
    context::with_current(|request| {
        let id = request.map_or_else(|| process_id().as_str(), |request| request.correlation_id().as_str());
        // Ids and traces of the grammar are headers.
        if let Ok(id) = HeaderValue::from_str(id) {
            headers.insert(X_CORRELATION_ID, id);
        }
        let Some(request) = request else { return };
        headers.entry(ACCEPT_LANGUAGE).or_insert(HeaderValue::from_static(request.language().tag()));
        if let Some(Ok(trace)) = request.trace().map(|trace| HeaderValue::from_str(&trace.to_string())) {
            headers.insert(TRACEPARENT, trace);
        }
    });
}

struct Attempts<'c, S> {
    service: S,
    policy: &'c Policy,
    told: Told,
    started: Instant,
    limit: Duration,
}

impl<'c, S> Attempts<'c, S> {
    fn new(service: S, policy: &'c Policy, told: Told) -> Self {
        let limit = context::time_left().map_or(policy.patience, |left| left.min(policy.patience));
        Self { service, policy, told, started: Instant::now(), limit }
    }

    /// How long to wait before the next attempt; `None` where this was the last.
    fn pause(&self, result: &Result<Response<Bytes>, Failure>) -> Option<Duration> {
        let asked = asked_pause(result)?;
        let attempts = self.told.attempts();
        let pause = asked.saturating_add(RetryPolicy::default().pause_after(attempts));
        let left = self.limit.saturating_sub(self.started.elapsed());
        let may = attempts < self.policy.attempts && pause < left && is_repeatable(self.told.request());
        (may && self.policy.budget.withdraw()).then_some(pause)
    }
}

impl<S> Attempts<'_, S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>>,
    S::Error: Into<Failure>,
{
    async fn within_time(&mut self) -> Result<Response<Bytes>, Failure> {
        let (upstream, limit) = (self.policy.upstream, self.limit);
        let late =
            || Err(UpstreamError::new(upstream, Reason::Late).with_source(format!("after {} ms", limit.as_millis())).into());
        if limit.is_zero() {
            return late();
        }
        timeout(limit, self.run()).await.unwrap_or_else(|_| late())
    }

    async fn run(&mut self) -> Result<Response<Bytes>, Failure> {
        self.policy.budget.deposit();
        loop {
            let request = self.told.attempt();
            let result = self.attempt(request).await;
            self.told.answered(&result);
            match self.pause(&result) {
                Some(pause) => sleep(pause).await,
                None => return result,
            }
        }
    }

    async fn attempt(&mut self, request: Request<Bytes>) -> Result<Response<Bytes>, Failure> {
        let ready = self.service.ready().await.map_err(Into::into)?;
        let answered = ready.call(request).await;
        answered.map_err(|error| UpstreamError::unless_permitted(self.policy.upstream, error.into()))
    }
}

/// Whether sending it twice does no more than sending it once (RFC 9110, section 9.2.2; the key's draft).
fn is_repeatable(request: &Request<Bytes>) -> bool {
    let idempotent = [Method::GET, Method::HEAD, Method::OPTIONS, Method::PUT, Method::DELETE];
    idempotent.contains(request.method()) || request.headers().contains_key(IDEMPOTENCY_KEY)
}

/// How long the other service wants to be left alone, where another attempt may fare better.
fn asked_pause(result: &Result<Response<Bytes>, Failure>) -> Option<Duration> {
    match result {
        Ok(answer) => is_transient(answer).then(|| retry_after(answer.headers()).unwrap_or_default()),
        Err(failure) => UpstreamError::of(failure)?.reason().is_transient().then_some(Duration::ZERO),
    }
}

fn is_transient(answer: &Response<Bytes>) -> bool {
    match answer.status().as_u16() {
        408 | 425 | 429 | 502 | 503 | 504 => true,
        // What is being done under the same key; any other conflict stays one.
        409 => answer.headers().contains_key(RETRY_AFTER),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_sent_twice() {
        let of = |method: Method| Request::builder().method(method).body(Bytes::new()).unwrap();
        let repeated = |method| is_repeatable(&of(method));
        assert!([Method::GET, Method::HEAD, Method::OPTIONS, Method::PUT, Method::DELETE].into_iter().all(repeated));
        assert!(![Method::POST, Method::PATCH, Method::CONNECT].into_iter().any(repeated));
        let mut keyed = of(Method::POST);
        keyed.headers_mut().insert(IDEMPOTENCY_KEY, "a".parse().unwrap());
        assert!(is_repeatable(&keyed));
    }
}
