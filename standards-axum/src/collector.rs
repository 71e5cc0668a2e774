//! What the settings say of the collector that spans are exported to, and of which are.
//!
//! They are read in every build, so that a page of settings is the same for all; only one with the feature `otel` exports.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue};
use standards_core::settings::SettingValue;

/// Which traces are recorded: `OTEL_TRACES_SAMPLER`, as OpenTelemetry's specification has it.
///
/// A trace that began elsewhere is recorded if its caller records it, unless the name lacks `parentbased_`; one that begins here always, never, or
/// as often as the [`SamplingRatio`] says.
///
/// ```
/// use standards_axum::TraceSampler;
/// use standards_axum::core::settings::SettingValue;
///
/// let sampler = TraceSampler::parse("parentbased_traceidratio").unwrap();
/// assert_eq!((sampler.heeds_parents(), sampler.ratio(SamplingRatio::parse("0.1"))), (true, 0.1));
/// assert_eq!(TraceSampler::parse("always_off").unwrap().ratio(None), 0.0);
/// assert_eq!(TraceSampler::parse("jaeger_remote"), None);
/// # use standards_axum::SamplingRatio;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceSampler {
    heeds_parents: bool,
    roots: Roots,
}

/// Which of the traces that begin here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Roots {
    All,
    None,
    Some,
}

impl TraceSampler {
    /// Whether a caller's decision stands.
    #[must_use]
    pub const fn heeds_parents(self) -> bool {
        self.heeds_parents
    }

    /// The part of the other traces that is recorded: 0 to 1. Without a ratio a sampler by ratio records all.
    #[must_use]
    pub fn ratio(self, ratio: Option<SamplingRatio>) -> f64 {
        match self.roots {
            Roots::All => 1.0,
            Roots::None => 0.0,
            Roots::Some => ratio.map_or(1.0, SamplingRatio::get),
        }
    }
}

impl SettingValue for TraceSampler {
    const EXPECTED: &'static str = "always_on, always_off, traceidratio o uno de ellos tras parentbased_";

    fn parse(text: &str) -> Option<Self> {
        let heeds_parents = text.starts_with("parentbased_");
        let roots = match text.strip_prefix("parentbased_").unwrap_or(text) {
            "always_on" => Roots::All,
            "always_off" => Roots::None,
            "traceidratio" => Roots::Some,
            _ => return None,
        };
        Some(Self { heeds_parents, roots })
    }
}

/// A part of the traces: `OTEL_TRACES_SAMPLER_ARG`, 0 to 1.
///
/// ```
/// use standards_axum::SamplingRatio;
/// use standards_axum::core::settings::SettingValue;
///
/// assert_eq!(SamplingRatio::parse("0.25").map(SamplingRatio::get), Some(0.25));
/// for text in ["", "-0.1", "1.01", "NaN", "1e-3", "25%"] {
///     assert_eq!(SamplingRatio::parse(text), None);
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SamplingRatio(f64);

impl SamplingRatio {
    /// The part, 0 to 1.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl SettingValue for SamplingRatio {
    const EXPECTED: &'static str = "un número de 0 a 1";

    fn parse(text: &str) -> Option<Self> {
        let plain = text.len() <= 32 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let ratio: f64 = text.parse().ok().filter(|_| plain)?;
        (0.0..=1.0).contains(&ratio).then_some(Self(ratio))
    }
}

/// Headers for the collector: `OTEL_EXPORTER_OTLP_HEADERS`, `name=value` separated by commas. They hold its key, and are never shown.
///
/// ```
/// use standards_axum::CollectorHeaders;
/// use standards_axum::core::settings::SettingValue;
///
/// let headers = CollectorHeaders::parse("authorization=Basic abc=, x-tenant=pagos").unwrap();
/// assert_eq!(headers.as_map()["authorization"], "Basic abc=");
/// assert_eq!(format!("{headers:?}"), "••••");
/// assert!(CollectorHeaders::parse("x y=1").is_none() && CollectorHeaders::parse("authorization").is_none());
/// ```
#[derive(Clone)]
pub struct CollectorHeaders(HeaderMap);

impl CollectorHeaders {
    /// The headers, marked as sensitive.
    #[must_use]
    pub const fn as_map(&self) -> &HeaderMap {
        &self.0
    }
}

impl SettingValue for CollectorHeaders {
    const EXPECTED: &'static str = "una lista nombre=valor separada por comas";
    const SECRET: bool = true;

    fn parse(text: &str) -> Option<Self> {
        text.split(',').map(header).collect::<Option<_>>().map(Self)
    }
}

fn header(pair: &str) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = pair.split_once('=')?;
    let mut value = HeaderValue::from_str(value.trim()).ok()?;
    value.set_sensitive(true);
    Some((name.trim().parse().ok()?, value))
}

impl fmt::Debug for CollectorHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("••••")
    }
}
