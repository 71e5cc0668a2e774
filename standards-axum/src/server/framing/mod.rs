//! Where requests begin and end, before hyper reads them.
//!
//! hyper takes what a server in front may read otherwise: lines that end in a line feed alone, a length beside a transfer coding, lengths that
//! agree, no host or several. Once it has read a head, none of that can be seen any more. So each head is looked through on its way to hyper,
//! byte for byte the same, but for the last byte of one that is refused: hyper answers that with 400 and closes.
//!
//! A body may hold anything, so it has to be known where it ends. hyper says how it reads the body that follows a head; until then it is
//! given nothing beyond that head. Thus there is one judge of how long a body is.

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
    pub(super) const fn awaited(&self) -> Awaited {
        match &self.part {
            Part::Head(head) if head.is_untouched() && !self.is_first => Awaited::NextRequest,
            Part::Head(_) => Awaited::Head,
            Part::Length(_) | Part::Chunked(_) => Awaited::Body,
            Part::Unread | Part::Refused => Awaited::Nothing,
        }
    }

    /// What follows the head that was taken last, once hyper has said so.
    pub(super) fn follow(&mut self, extent: impl FnOnce() -> Option<Extent>) {
        if !matches!(self.part, Part::Unread) {
            return;
        }
        match extent() {
            Some(Extent::Length(0)) => self.part = Part::Head(Head::default()),
            Some(Extent::Length(length)) => self.part = Part::Length(length),
            Some(Extent::Chunked) => self.part = Part::Chunked(Chunks::Start),
            None => {}
        }
    }

    /// Takes what belongs to the part at hand from the front of `bytes`, which it spoils where it refuses them. Returns how many those are.
    pub(super) fn take(&mut self, bytes: &mut [u8]) -> usize {
        let (taken, next) = match &mut self.part {
            Part::Head(head) => (head.take(bytes), Part::Unread),
            Part::Length(left) => (take_length(left, bytes), Part::Head(Head::default())),
            Part::Chunked(chunks) => (chunks.take(bytes), Part::Head(Head::default())),
            Part::Unread | Part::Refused => (Taken::Whole(0), Part::Refused),
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

/// Puts there what no head, size of a chunk or trailer may hold.
fn spoil(bytes: &mut [u8], at: usize) {
    if let Some(byte) = bytes.get_mut(at) {
        *byte = b'\0';
    }
}

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
