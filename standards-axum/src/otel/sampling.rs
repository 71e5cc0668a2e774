//! Which spans are recorded.

use opentelemetry::trace::{Link, SpanContext, SpanKind, TraceContextExt, TraceId};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, SamplingResult, ShouldSample};

use crate::{SamplingRatio, TraceSampler};

/// The sampler that settings name.
///
/// One thing it does that none of the specification's does: a span that has no parent but links is recorded where what it is linked to is. Work that
/// several requests share would else be there for one request in a hundred, whichever was looked at.
#[derive(Clone, Debug)]
pub(crate) struct Sampling {
    heeds_parents: bool,
    roots: Sampler,
}

impl Sampling {
    pub(crate) fn new(sampler: TraceSampler, ratio: Option<SamplingRatio>) -> Self {
        let roots = Sampler::TraceIdRatioBased(sampler.ratio(ratio));
        Self { heeds_parents: sampler.heeds_parents(), roots }
    }
}

impl ShouldSample for Sampling {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace_id: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        let parent = parent.map(|parent| parent.span().span_context().clone()).filter(SpanContext::is_valid);
        let is_linked = links.iter().any(|link| link.span_context.is_sampled());
        let decided = match &parent {
            Some(parent) if self.heeds_parents => Some(parent.is_sampled()),
            None if is_linked => Some(true),
            _ => None,
        };
        let by_trace = || self.roots.should_sample(None, trace_id, name, kind, attributes, links).decision;
        let decided = decided.map(|record| if record { SamplingDecision::RecordAndSample } else { SamplingDecision::Drop });
        let trace_state = parent.map(|parent| parent.trace_state().clone()).unwrap_or_default();
        SamplingResult { decision: decided.unwrap_or_else(by_trace), attributes: Vec::new(), trace_state }
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{SpanId, TraceFlags, TraceState};
    use standards_core::settings::SettingValue;

    use super::*;

    fn span(is_sampled: bool) -> SpanContext {
        let flags = TraceFlags::default().with_sampled(is_sampled);
        SpanContext::new(TraceId::from(7), SpanId::from(7), flags, true, TraceState::default())
    }

    fn records(sampler: &str, ratio: &str, parent: Option<bool>, linked: Option<bool>) -> bool {
        let sampling = Sampling::new(TraceSampler::parse(sampler).unwrap(), SamplingRatio::parse(ratio));
        let parent = parent.map(|sampled| Context::new().with_remote_span_context(span(sampled)));
        let links: Vec<_> = linked.into_iter().map(|sampled| Link::new(span(sampled), Vec::new(), 0)).collect();
        // The lowest trace ids are those that a ratio takes first.
        let decided = sampling.should_sample(parent.as_ref(), TraceId::from(u128::MAX), "", &SpanKind::Server, &[], &links);
        decided.decision == SamplingDecision::RecordAndSample
    }

    #[test]
    fn roots_are_recorded_as_the_sampler_says() {
        for (sampler, ratio, recorded) in [
            ("always_on", "", true),
            ("always_off", "", false),
            ("traceidratio", "1", true),
            ("traceidratio", "0.5", false),
            ("traceidratio", "0", false),
            ("parentbased_always_on", "0", true),
            ("parentbased_always_off", "1", false),
            ("parentbased_traceidratio", "", true),
            ("parentbased_traceidratio", "0.5", false),
        ] {
            assert_eq!(records(sampler, ratio, None, None), recorded, "{sampler} {ratio}");
        }
    }

    #[test]
    fn a_parents_decision_stands_where_it_is_heeded_and_a_links_where_there_is_none() {
        for (sampler, parent, linked, recorded) in [
            ("parentbased_always_on", Some(false), None, false),
            ("parentbased_always_off", Some(true), None, true),
            ("always_on", Some(false), None, true),
            ("always_off", Some(true), None, false),
            ("parentbased_always_off", None, Some(true), true),
            ("parentbased_always_off", None, Some(false), false),
            ("parentbased_always_on", Some(false), Some(true), false),
        ] {
            assert_eq!(records(sampler, "", parent, linked), recorded, "{sampler} {parent:?} {linked:?}");
        }
    }
}
