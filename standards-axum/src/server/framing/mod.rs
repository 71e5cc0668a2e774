//! Where requests begin and end, before hyper reads them.
//!
//! hyper takes what a server in front may read otherwise: lines that end in a line feed alone, a length beside a transfer coding, lengths that
//! agree, no host or several. Once it has read a head, none of that can be seen any more. So each head is looked through on its way to hyper,
//! byte for byte the same, but for the last byte of one that is refused: hyper answers that with 400 and closes.
//!
//! A body may hold anything, so it has to be known where it ends. hyper says how it reads the body that follows a head. Until then it is
//! given nothing beyond that head, but for the body of one whose only `Content-Length` is a plain number: it comes with its head as the
//! client sent it. That is a reading of our own, so it holds only if hyper then says the same; where the two differ, the request is refused
//! and nothing more is read (`connection::answer`). Thus there is one judge of how long a body is, and what follows the body is never
//! given before he has spoken.
//!
//! # What is refused
//!
//! | what | why | RFC 9112 |
//! |---|---|---|
//! | a line of a head that ends in a line feed alone | a recipient may take it for a line end, and another for a part of the line | 2.2 |
//! | an HTTP/1.1 request without `Host`, or any with two | which host is meant decides who answers | 3.2 |
//! | `Content-Length` beside `Transfer-Encoding` | the two say where the body ends, and may differ | 6.1, 6.3 |
//! | two of either, though they agree | what joins them, or takes the last, reads another body | 6.3 |
//! | a chunk's size that is no hexadecimal number, or past 64 bits | a wrapped size ends the body elsewhere | 7.1 |
//! | a line feed alone in the line of a chunk's size, its data's end, or a trailer | as in a head | 7.1 to 7.1.2 |
//!
//! Each of them is a known way to smuggle a request: two readers in a row, a proxy and this server, disagree about where one request ends,
//! and what one takes for a body the other takes for a request. A coding other than `chunked` is refused later, by
//! [`framing`](crate::layers::framing), which stands around services of other servers too.
//!
//! # The parts
//!
//! `Head` and `Chunks` follow a grammar byte by byte and answer with `Taken`; `Framing` knows which of them is at work, and what comes
//! after it: a head, then nothing until hyper has spoken (`Part::Unread`, `Part::Announced`), then a body of that `Extent`, then a head.
//! After a refusal there is no next part.
//!
//! The time of a connection hangs on it as well: [`Awaited`] says what the client owes.

mod chunks;
mod head;

use self::chunks::Chunks;
use self::head::Head;

/// How a request's body ends, as hyper sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// After so many bytes.
    Length(u64),
    /// With the last of its chunks.
    Chunked,
}

/// What becomes of the bytes that were offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    /// All of them are within the part.
    All,
    /// The part ends with so many of them.
    Whole(usize),
    /// The one at this place is refused.
    Refused(usize),
}

/// Follows what a client sends, part by part.
///
/// It keeps no byte of a request but a line that came in pieces, and reads each byte once.
#[derive(Debug)]
pub(super) struct Framing {
    part: Part,
    is_first: bool,
}

#[derive(Debug)]
enum Part {
    Head(Head),
    /// The head is there; hyper has not said what follows it.
    Unread,
    /// The same, and what has come of the body that it announces; `left` has not.
    Announced {
        length: u64,
        left: u64,
    },
    Length(u64),
    Chunked(Chunks),
    /// Nothing that follows has a meaning.
    Refused,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Awaited {
    /// The rest of a head; of the connection's first one also its first byte.
    Head,
    /// The first byte of a request after another.
    NextRequest,
    Body,
    /// Nothing that would be read.
    Nothing,
}

impl Default for Framing {
    fn default() -> Self {
        Self { part: Part::Head(Head::default()), is_first: true }
    }
}

impl Framing {
    /// What the client owes, and with it how long it may take.
    pub(super) const fn awaited(&self) -> Awaited {
        match &self.part {
            Part::Head(head) if head.is_untouched() && !self.is_first => Awaited::NextRequest,
            Part::Head(_) => Awaited::Head,
            Part::Length(_) | Part::Chunked(_) => Awaited::Body,
            Part::Unread | Part::Announced { .. } | Part::Refused => Awaited::Nothing,
        }
    }

    /// How long the body is of which something may have been taken with its head, as long as hyper has not said so.
    pub(super) const fn announced(&self) -> Option<u64> {
        match self.part {
            Part::Announced { length, .. } => Some(length),
            _ => None,
        }
    }

    /// What follows the head that was taken last, once hyper has said so.
    pub(super) fn follow(&mut self, extent: impl FnOnce() -> Option<Extent>) {
        if !matches!(self.part, Part::Unread | Part::Announced { .. }) {
            return;
        }
        let Some(extent) = extent() else { return };
        self.part = match (&self.part, extent) {
            (Part::Announced { length, left }, Extent::Length(told)) if told == *length => Part::of_length(*left),
            (Part::Announced { .. }, _) => Part::Refused,
            (_, Extent::Length(length)) => Part::of_length(length),
            (_, Extent::Chunked) => Part::Chunked(Chunks::Start),
        };
    }

    /// Takes what belongs to the part at hand from the front of `bytes`, which it spoils where it refuses them. Returns how many those are.
    pub(super) fn take(&mut self, bytes: &mut [u8]) -> usize {
        let (taken, next) = match &mut self.part {
            Part::Head(head) => take_head(head, bytes),
            Part::Length(left) => (take_length(left, bytes), Part::Head(Head::default())),
            Part::Chunked(chunks) => (chunks.take(bytes), Part::Head(Head::default())),
            Part::Unread | Part::Announced { .. } | Part::Refused => (Taken::Whole(0), Part::Refused),
        };
        match taken {
            Taken::All => bytes.len(),
            Taken::Whole(length) => {
                self.is_first = false;
                self.part = next;
                length
            }
            Taken::Refused(at) => {
                self.part = Part::Refused;
                spoil(bytes, at);
                at + 1
            }
        }
    }
}

impl Part {
    /// A body of which so much is left, or else the next head.
    fn of_length(left: u64) -> Self {
        if left == 0 { Self::Head(Head::default()) } else { Self::Length(left) }
    }
}

/// A head, with as much of its body as is there if it announces how long that is, and what comes then.
fn take_head(head: &mut Head, bytes: &[u8]) -> (Taken, Part) {
    match (head.take(bytes), head.announced()) {
        (Taken::Whole(end), Some(length)) => {
            let come = usize::try_from(length).unwrap_or(usize::MAX).min(bytes.len() - end);
            (Taken::Whole(end + come), Part::Announced { length, left: length - come as u64 })
        }
        (taken, _) => (taken, Part::Unread),
    }
}

/// Puts there what no head, size of a chunk or trailer may hold.
fn spoil(bytes: &mut [u8], at: usize) {
    if let Some(byte) = bytes.get_mut(at) {
        *byte = b'\0';
    }
}

/// Of a body of known length: so many are taken, whatever they are.
fn take_length(left: &mut u64, bytes: &[u8]) -> Taken {
    match usize::try_from(*left) {
        Ok(length) if length <= bytes.len() => Taken::Whole(length),
        _ => {
            *left -= bytes.len() as u64;
            Taken::All
        }
    }
}

#[cfg(test)]
mod tests;
