//! The W3C trace context that a request belongs to.

use std::fmt;

/// A `traceparent` header (W3C Trace Context, section 3.2): version, trace id, parent id and flags.
///
/// ```
/// use standards_core::context::TraceParent;
///
/// let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// let trace = TraceParent::parse(header).unwrap();
/// assert_eq!(trace.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
/// assert_eq!(trace.span_id(), "00f067aa0ba902b7");
/// assert_eq!(trace.to_string(), header);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceParent {
    trace_id: Box<str>,
    span_id: Box<str>,
    flags: Box<str>,
}

impl TraceParent {
    /// Reads the header; `None` where it breaks the grammar, so that a broken trace is dropped and not spread.
    ///
    /// A version after `00` may carry more fields, which are ignored (section 4 of the recommendation); `ff` is no version.
    ///
    /// ```
    /// use standards_core::context::TraceParent;
    ///
    /// assert!(TraceParent::parse("00-00000000000000000000000000000000-00f067aa0ba902b7-01").is_none(), "zero is no trace");
    /// ```
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let mut fields = header.split('-');
        let (version, trace_id, span_id, flags) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        let complete = version != "00" || fields.next().is_none();
        let well_formed = complete
            && is_hex(version, 2)
            && version != "ff"
            && is_hex(trace_id, 32)
            && is_hex(span_id, 16)
            && is_hex(flags, 2)
            && has_a_digit_but_zero(trace_id)
            && has_a_digit_but_zero(span_id);
        well_formed.then(|| Self { trace_id: trace_id.into(), span_id: span_id.into(), flags: flags.into() })
    }

    /// The 32 hexadecimal digits of the trace.
    #[must_use]
    pub fn trace_id(&self) -> &str {
        &self.trace_id
    }

    /// The 16 hexadecimal digits of the caller's span.
    #[must_use]
    pub fn span_id(&self) -> &str {
        &self.span_id
    }

    /// Whether the caller records the trace (section 3.2.2.5.1 of the recommendation).
    ///
    /// ```
    /// use standards_core::context::TraceParent;
    ///
    /// let with = |flags| TraceParent::parse(&format!("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-{flags}"));
    /// assert_eq!(["00", "01", "02", "03"].map(|flags| with(flags).unwrap().is_sampled()), [false, true, false, true]);
    /// ```
    #[must_use]
    pub fn is_sampled(&self) -> bool {
        // The lowest bit of the last digit.
        self.flags.as_bytes().last().is_some_and(|digit| matches!(digit, b'1' | b'3' | b'5' | b'7' | b'9' | b'b' | b'd' | b'f'))
    }
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn has_a_digit_but_zero(text: &str) -> bool {
    text.bytes().any(|byte| byte != b'0')
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{}", self.trace_id, self.span_id, self.flags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_headers_are_dropped() {
        for header in [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-extra",
        ] {
            assert_eq!(TraceParent::parse(header), None, "{header}");
        }
    }

    #[test]
    fn a_later_version_may_carry_more() {
        assert!(TraceParent::parse("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-extra").is_some());
    }
}
