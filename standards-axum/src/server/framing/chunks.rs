//! A body in chunks (RFC 9112, section 7.1).
//!
//! ```text
//! size [blanks] [; extension] CR LF  data CR LF  ..  0 CR LF  [trailer CR LF ..]  CR LF
//! ```
//!
//! Data is skipped as a whole, so a body costs a step for each chunk and not for each byte. Extensions and trailers are passed over: nobody
//! here reads them, and hyper bounds how long they may be.

use super::Taken;

/// Where in a chunked body the next byte stands. What is taken here is taken by hyper; what is refused here is refused there, but for line
/// feeds alone in trailers.
#[derive(Clone, Copy, Debug)]
pub(super) enum Chunks {
    /// Before the first digit of a size.
    Start,
    /// Behind a digit.
    Size(u64),
    /// Behind the blanks after a size.
    Blank(u64),
    Extension(u64),
    /// Before the line feed of a size's line.
    SizeLineFeed(u64),
    /// So many bytes of data are left.
    Data(u64),
    DataLineFeed,
    /// At the start of a line behind the last chunk.
    LineStart,
    Trailer,
    TrailerLineFeed,
    LastLineFeed,
}

impl Chunks {
    /// Takes bytes up to the body's end, or to the byte that is refused.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Taken {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if let Self::Data(left @ 1..) = *self {
                let skipped = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len() - at);
                *self = Self::Data(left - skipped as u64);
                at += skipped;
                continue;
            }
            if matches!((*self, byte), (Self::LastLineFeed, b'\n')) {
                return Taken::Whole(at + 1);
            }
            let Some(next) = self.after(byte) else { return Taken::Refused(at) };
            *self = next;
            at += 1;
        }
        Taken::All
    }

    /// The place behind `byte`, or `None` where the grammar has no such byte there. A size that does not fit 64 bits is refused with the
    /// digit that is too much.
    #[expect(clippy::match_same_arms, reason = "one line for each place, in the order of the grammar")]
    fn after(self, byte: u8) -> Option<Self> {
        Some(match (self, byte) {
            (Self::Start, _) => Self::Size(digit(byte)?),
            (Self::Size(size) | Self::Blank(size), b'\t' | b' ') => Self::Blank(size),
            (Self::Size(size) | Self::Blank(size), b';') => Self::Extension(size),
            (Self::Size(size) | Self::Blank(size) | Self::Extension(size), b'\r') => Self::SizeLineFeed(size),
            (Self::Size(size), _) => Self::Size(size.checked_mul(16)?.checked_add(digit(byte)?)?),
            (Self::Extension(_), b'\n') => return None,
            (Self::Extension(size), _) => Self::Extension(size),
            (Self::SizeLineFeed(0), b'\n') => Self::LineStart,
            (Self::SizeLineFeed(size), b'\n') => Self::Data(size),
            (Self::Data(_), b'\r') => Self::DataLineFeed,
            (Self::DataLineFeed, b'\n') => Self::Start,
            (Self::LineStart, b'\r') => Self::LastLineFeed,
            (Self::LineStart | Self::Trailer, b'\n') => return None,
            (Self::Trailer, b'\r') => Self::TrailerLineFeed,
            (Self::LineStart | Self::Trailer, _) => Self::Trailer,
            (Self::TrailerLineFeed, b'\n') => Self::LineStart,
            _ => return None,
        })
    }
}

fn digit(byte: u8) -> Option<u64> {
    char::from(byte).to_digit(16).map(u64::from)
}
