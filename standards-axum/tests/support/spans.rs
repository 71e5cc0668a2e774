//! What a collector was sent, read back: for the tests of every crate here.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::Link;
use prost::Message;
use serde_json::{Value, json};

/// A span as it was exported.
#[derive(Clone, Debug)]
pub(crate) struct Exported {
    pub(crate) trace: String,
    pub(crate) id: String,
    /// Empty, of a root.
    pub(crate) parent: String,
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    pub(crate) attributes: BTreeMap<String, Value>,
    /// The trace and the span of each.
    pub(crate) links: Vec<(String, String)>,
    pub(crate) is_error: bool,
    pub(crate) state: String,
    pub(crate) resource: BTreeMap<String, Value>,
    /// When it began and ended, in nanoseconds.
    pub(crate) times: [u64; 2],
}

impl Exported {
    pub(crate) fn attribute(&self, name: &str) -> Value {
        self.attributes.get(name).cloned().unwrap_or_default()
    }
}

/// The spans in the body of a request to a collector.
pub(crate) fn exported(body: &[u8]) -> Vec<Exported> {
    let request = ExportTraceServiceRequest::decode(body).unwrap();
    let resources = request.resource_spans.into_iter();
    let spans = resources.flat_map(|of| {
        let resource = attributes(of.resource.unwrap_or_default().attributes);
        let spans = of.scope_spans.into_iter().flat_map(|scope| scope.spans);
        spans.map(move |span| read(span, resource.clone())).collect::<Vec<_>>()
    });
    spans.collect()
}

fn read(span: Span, resource: BTreeMap<String, Value>) -> Exported {
    const KINDS: [&str; 6] = ["", "internal", "server", "client", "producer", "consumer"];
    let linked = |link: &Link| (hex(&link.trace_id), hex(&link.span_id));
    Exported {
        trace: hex(&span.trace_id),
        id: hex(&span.span_id),
        parent: hex(&span.parent_span_id),
        kind: KINDS[usize::try_from(span.kind).unwrap()],
        links: span.links.iter().map(linked).collect(),
        is_error: span.status.is_some_and(|status| status.code == 2),
        state: span.trace_state,
        times: [span.start_time_unix_nano, span.end_time_unix_nano],
        name: span.name,
        attributes: attributes(span.attributes),
        resource,
    }
}

fn attributes(attributes: Vec<KeyValue>) -> BTreeMap<String, Value> {
    attributes.into_iter().map(|attribute| (attribute.key, value(attribute.value))).collect()
}

fn value(value: Option<AnyValue>) -> Value {
    match value.and_then(|value| value.value) {
        Some(Any::StringValue(text)) => text.into(),
        Some(Any::IntValue(number)) => number.into(),
        Some(Any::BoolValue(flag)) => flag.into(),
        Some(Any::DoubleValue(number)) => number.into(),
        other => json!(format!("{other:?}")),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
