//! What stands in Redis: one line about a value, and the value.

use std::time::Duration;

use tokio::time::Instant;

use crate::cache::Mark;

/// As of which annulments something is known: of the namespace and of the key. Both are texts that no two annulments share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Annulments<'a> {
    pub(super) namespace: &'a str,
    pub(super) key: &'a str,
}

impl Annulments<'_> {
    /// Whether what was written as of `self` is right as of `now`. A key's annulment is forgotten after a while, when nothing from before it
    /// can arrive any more.
    pub(super) fn is_right(self, now: Annulments<'_>) -> bool {
        self.namespace == now.namespace && (now.key.is_empty() || self.key == now.key)
    }

    /// A mark that is given now, when the server's clock says `clock`.
    pub(super) fn mark(self, clock: u64) -> Mark {
        Mark::new(format!("{} {} {clock}", self.namespace, self.key))
    }
}

/// What a mark says.
pub(super) fn read_mark(mark: &Mark) -> Option<(Annulments<'_>, u64)> {
    let (namespace, rest) = mark.text.split_once(' ')?;
    let (key, clock) = rest.split_once(' ')?;
    Some((Annulments { namespace, key }, clock.parse().ok()?))
}

/// When the server's clock will say that it ends, if it is kept for `kept` from now on: however late it gets there.
pub(super) fn end(mark: &Mark, clock: u64, kept: Duration) -> u64 {
    let from_mark = Instant::now().saturating_duration_since(mark.given) + kept;
    clock.saturating_add(u64::try_from(from_mark.as_millis()).unwrap_or(u64::MAX))
}

/// The line and the value.
pub(super) fn write(annulments: Annulments<'_>, end: u64, value: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{} {} {end}\n", annulments.namespace, annulments.key).into_bytes();
    bytes.extend_from_slice(value);
    bytes
}

/// The annulments, the end by the server's clock, and the value; `None` of what was not written so.
pub(super) fn read(bytes: &[u8]) -> Option<(Annulments<'_>, u64, &[u8])> {
    let line = bytes.split(|byte| *byte == b'\n').next()?;
    let value = bytes.get(line.len() + 1..)?;
    let (namespace, rest) = std::str::from_utf8(line).ok()?.split_once(' ')?;
    let (key, end) = rest.split_once(' ')?;
    Some((Annulments { namespace, key }, end.parse().ok()?, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AS_OF: Annulments<'_> = Annulments { namespace: "", key: "b" };

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(read(&write(AS_OF, 7, b"{\"a\":\"\n\"}")), Some((AS_OF, 7, &b"{\"a\":\"\n\"}"[..])));
        assert_eq!(read(&write(AS_OF, 7, b"")), Some((AS_OF, 7, &b""[..])));
        for other in [&b""[..], b"{}", b"a b\n{}", b"a b c\n{}", b"\xff b 7\n{}", b"a b 7"] {
            assert_eq!(read(other), None);
        }
    }

    #[test]
    fn an_annulment_makes_void_what_is_from_before_it() {
        let (never, other) = (Annulments { key: "", ..AS_OF }, Annulments { key: "c", ..AS_OF });
        assert!(AS_OF.is_right(AS_OF) && AS_OF.is_right(never) && never.is_right(never));
        assert!(!AS_OF.is_right(other) && !never.is_right(AS_OF));
        assert!(!AS_OF.is_right(Annulments { namespace: "n", ..AS_OF }));
    }
}
