//! An answer's body on its way, copied as far as it is judged.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::CONTENT_ENCODING;
use http::response::Parts;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::Watch;
use crate::conformance::exchange::{Answer, Request};
use crate::conformance::observer::Observed;

/// What is copied of one body.
const BODY_BYTES: usize = 256 << 10;
/// What all copies may hold at once.
const COPIED_BYTES: usize = 16 << 20;

/// A body that is handed on frame by frame.
#[derive(Debug)]
pub(super) struct Tap {
    body: Incoming,
    copying: Option<Copying>,
}

impl Tap {
    pub(super) fn new(body: Incoming, copying: Copying) -> Self {
        let mut tap = Self { body, copying: Some(copying) };
        tap.look();
        tap
    }

    /// Has the answer judged once it is whole.
    fn look(&mut self) {
        if self.body.is_end_stream()
            && let Some(copying) = self.copying.take()
        {
            copying.finish();
        }
    }
}

impl Body for Tap {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                if let (Some(copying), Some(data)) = (&mut self.copying, frame.data_ref()) {
                    copying.take(data);
                }
                self.look();
            }
            Poll::Ready(None) => {
                if let Some(copying) = self.copying.take() {
                    copying.finish();
                }
            }
            Poll::Ready(Some(Err(_))) | Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// What is known so far of an answer. Dropped before its end, it is judged no more.
#[derive(Debug)]
pub(super) struct Copying {
    watch: Arc<Watch>,
    /// Until they are handed on.
    seen: Option<(Request, Answer)>,
    whole: bool,
    held: usize,
}

impl Copying {
    pub(super) fn new(watch: Arc<Watch>, request: Request, head: &Parts) -> Self {
        watch.open.fetch_add(1, Ordering::Relaxed);
        let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        // A compressed body is not read.
        let whole = head.headers.get(CONTENT_ENCODING).is_none_or(|coding| coding == "identity");
        let answer = Answer { status: head.status.as_u16(), headers, body: Vec::new() };
        Self { watch, seen: Some((request, answer)), whole, held: 0 }
    }

    fn take(&mut self, data: &Bytes) {
        let Some((_, answer)) = self.seen.as_mut().filter(|_| self.whole) else { return };
        let before = self.watch.copied.fetch_add(data.len(), Ordering::Relaxed);
        self.held += data.len();
        self.whole = before + data.len() <= COPIED_BYTES && self.held <= BODY_BYTES;
        if self.whole {
            answer.body.extend_from_slice(data);
        } else {
            answer.body = Vec::new();
            self.release();
        }
    }

    fn finish(mut self) {
        if let Some((request, answer)) = self.seen.take() {
            self.watch.judge(Observed { request, answer, whole: self.whole });
        }
    }

    fn release(&mut self) {
        self.watch.copied.fetch_sub(std::mem::take(&mut self.held), Ordering::Relaxed);
    }
}

impl Drop for Copying {
    fn drop(&mut self) {
        self.release();
        self.watch.open.fetch_sub(1, Ordering::Relaxed);
    }
}
