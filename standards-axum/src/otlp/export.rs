//! One batch after the other, on its way to the collector.

use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri};
use opentelemetry::{KeyValue, Value};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SpanData;
use prost::Message;
use standards_core::{Failure, log};
use tokio::time::{sleep, timeout};
use tower_service::Service;

use super::health::Health;
use crate::client::{Exchange, Reason, UpstreamError, retry_after};
use crate::otel::SpanQueue;

/// How long an attempt may take (`OTEL_EXPORTER_OTLP_TIMEOUT` of the specification, by default).
const PATIENCE: Duration = Duration::from_secs(10);
const ATTEMPTS: u32 = 4;
/// The pause before the second attempt; it doubles from one to the next.
const PAUSE: Duration = Duration::from_secs(1);
/// The longest pause that a collector may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// The longest answer of a collector, in bytes: it has little to say.
pub(super) const LONGEST_ANSWER: usize = 64 * 1024;

/// Sends on what the queue has.
pub(super) struct Exporter {
    queue: SpanQueue,
    exchange: Exchange,
    request: Request<Bytes>,
    resource: ResourceAttributesWithSchema,
    health: Health,
}

/// Why an attempt failed, and how long to leave the collector alone where another may fare better.
struct Refused {
    why: String,
    pause: Option<Duration>,
}

impl Exporter {
    pub(super) fn new(queue: SpanQueue, exchange: Exchange, uri: Uri, headers: HeaderMap, resource: &Resource) -> Self {
        let mut request = Request::new(Bytes::new());
        (*request.method_mut(), *request.uri_mut(), *request.headers_mut()) = (Method::POST, uri, headers);
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
        let health = Health::of(request.uri().to_string());
        Self { queue, exchange, request, resource: resource.into(), health }
    }

    /// Until the queue has ended.
    pub(super) async fn run(mut self) {
        while let Some(batch) = self.queue.batch().await {
            let spans = batch.len() as u64;
            let rejected = match self.export(self.encoded(batch)).await {
                Ok(rejected) => rejected.min(spans),
                Err(()) => spans,
            };
            self.queue.counts.tell_dropped(rejected);
            self.queue.counts.tell_exported(spans - rejected);
            if rejected < spans {
                self.health.exported(self.queue.counts.dropped());
            }
        }
    }

    fn encoded(&self, batch: Vec<SpanData>) -> Bytes {
        let batch = batch.into_iter().map(masked).collect();
        let resource_spans = group_spans_by_resource_and_scope(batch, &self.resource);
        ExportTraceServiceRequest { resource_spans }.encode_to_vec().into()
    }

    /// Attempts until one is answered, none may help any more, or the service ends; how many spans the collector would not have.
    async fn export(&mut self, body: Bytes) -> Result<u64, ()> {
        let mut pause = PAUSE;
        for attempt in 1..=ATTEMPTS {
            let refused = match self.attempt(body.clone()).await {
                Ok(rejected) => return Ok(rejected),
                Err(refused) => refused,
            };
            self.health.failed(&refused.why, self.queue.counts.dropped());
            let Some(asked) = refused.pause.filter(|_| attempt < ATTEMPTS) else { break };
            tokio::select! {
                () = sleep(pause.max(asked)) => pause *= 2,
                () = self.queue.stop.cancelled() => break,
            }
        }
        Err(())
    }

    async fn attempt(&mut self, body: Bytes) -> Result<u64, Refused> {
        let mut request = self.request.clone();
        *request.body_mut() = body;
        match timeout(PATIENCE, self.exchange.call(request)).await {
            Ok(Ok(answer)) if answer.status().is_success() => Ok(rejected(answer.body())),
            Ok(Ok(answer)) => Err(Refused::by(&answer)),
            Ok(Err(failure)) => Err(Refused::of(&failure)),
            Err(_) => Err(Refused { why: format!("no answer in {} s", PATIENCE.as_secs()), pause: Some(Duration::ZERO) }),
        }
    }
}

impl Refused {
    /// The statuses that OTLP calls retryable.
    fn by(answer: &Response<Bytes>) -> Self {
        let asked = retry_after(answer.headers()).unwrap_or_default().min(LONGEST_PAUSE);
        let passes = matches!(answer.status().as_u16(), 429 | 502 | 503 | 504);
        Self { why: format!("status {}", answer.status().as_u16()), pause: passes.then_some(asked) }
    }

    fn of(failure: &Failure) -> Self {
        let reason = UpstreamError::of(failure).map(UpstreamError::reason);
        let passes = matches!(reason, Some(Reason::Unreachable | Reason::BrokenOff));
        Self { why: failure.cause_chain(), pause: passes.then_some(Duration::ZERO) }
    }
}

/// How many spans the collector says it would not have. One that says nothing, or nonsense, has taken all.
fn rejected(answer: &Bytes) -> u64 {
    let answer = ExportTraceServiceResponse::decode(answer.clone()).unwrap_or_default();
    answer.partial_success.and_then(|partial| u64::try_from(partial.rejected_spans).ok()).unwrap_or_default()
}

/// The span as it may be shown: what has the shape of a secret is masked as it is in the log.
fn masked(mut span: SpanData) -> SpanData {
    mask(&mut span.attributes);
    span.events.events.iter_mut().for_each(|event| mask(&mut event.attributes));
    span
}

fn mask(attributes: &mut [KeyValue]) {
    for attribute in attributes {
        if let Value::String(text) = &attribute.value {
            attribute.value = log::masked(text.as_str()).into();
        }
    }
}
