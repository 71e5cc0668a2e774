//! Read as much of a foreign failure's body as tells what it is.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::response::Parts;
use http_body::Body;
use pin_project_lite::pin_project;
use standards_core::{Failure, catch_panic};
use tokio::time::Sleep;

use super::excerpt::{EXCERPT, excerpt};
use super::upstream::code_of_envelope;
use super::{foreign, media_type};
use crate::answer::{ApiError, JSON};

/// The longest body, in bytes, that is looked at as a whole: whether it is an envelope.
const LONGEST_ENVELOPE: usize = 16 * 1024;

/// How long a body that was announced may keep its answer waiting.
const PATIENCE: Duration = Duration::from_secs(1);

/// How many frames there may be that bring nothing.
const EMPTY_FRAMES: usize = 64;

pin_project! {
    /// Waits for the beginning of a foreign failure's body, and becomes what is answered.
    pub(super) struct Reading<B> {
        #[pin]
        body: B,
        judged: Option<(Parts, ApiError)>,
        plan: Plan,
        read: Vec<u8>,
        #[pin]
        patience: Option<Sleep>,
    }
}

/// How much is read of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// No more bytes than that.
    most: usize,
    /// Whether a body that is not there yet is waited for. A stream, whose length nobody knows, is not.
    waits: bool,
    /// Whether it could be an envelope.
    is_candidate: bool,
}

/// What was read.
struct Beginning {
    bytes: Vec<u8>,
    is_whole: bool,
}

impl<B: Body<Data = Bytes>> Reading<B> {
    pub(super) const fn new(plan: Plan, head: Parts, body: B, error: ApiError) -> Self {
        Self { body, judged: Some((head, error)), plan, read: Vec::new(), patience: None }
    }

    fn poll_beginning(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Beginning> {
        for _ in 0..self.plan.most + EMPTY_FRAMES {
            let this = self.as_mut().project();
            match this.body.poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => keep(this.read, frame.data_ref(), this.plan.most),
                Poll::Ready(ended) => return Poll::Ready(self.beginning(ended.is_none())),
                Poll::Pending if this.plan.waits => {
                    ready!(self.as_mut().poll_patience(cx));
                    break;
                }
                Poll::Pending => break,
            }
            if self.read.len() >= self.plan.most {
                break;
            }
        }
        Poll::Ready(self.beginning(false))
    }

    fn poll_patience(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut patience = self.project().patience;
        if patience.is_none() {
            patience.set(Some(tokio::time::sleep(PATIENCE)));
        }
        patience.as_pin_mut().map_or(Poll::Ready(()), |patience| patience.poll(cx))
    }

    fn beginning(self: Pin<&mut Self>, is_whole: bool) -> Beginning {
        Beginning { bytes: std::mem::take(self.project().read), is_whole }
    }
}

fn keep(read: &mut Vec<u8>, data: Option<&Bytes>, most: usize) {
    let data = data.map(Bytes::as_ref).unwrap_or_default();
    let room = most.saturating_sub(read.len()).min(data.len());
    read.extend_from_slice(data.get(..room).unwrap_or_default());
}

impl<B: Body<Data = Bytes>> Future for Reading<B> {
    type Output = Response<Bytes>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Response<Bytes>> {
        let read = catch_panic(|| self.as_mut().poll_beginning(cx));
        let outcome = match read {
            Ok(poll) => Ok(ready!(poll)),
            Err(panic) => Err(panic),
        };
        let is_candidate = self.plan.is_candidate;
        let judged = self.project().judged.take();
        judged.map_or(Poll::Pending, |(head, error)| Poll::Ready(answer(head, error, outcome, is_candidate)))
    }
}

fn answer(head: Parts, error: ApiError, read: Result<Beginning, Failure>, is_candidate: bool) -> Response<Bytes> {
    let Beginning { bytes, is_whole } = match read {
        Ok(beginning) => beginning,
        Err(panic) => return foreign::replaced(head, panic.into()),
    };
    let error = match excerpt(&bytes, is_whole) {
        Some(text) => error.with_context("foreign_body", text),
        None => error,
    };
    let code = if is_whole && is_candidate { code_of_envelope(&bytes) } else { None };
    match code {
        Some(code) if head.status.as_u16() < 600 => {
            foreign::passed_on(head, error.with_context("error_code", code), bytes.into())
        }
        _ => foreign::replaced(head, error),
    }
}

impl Plan {
    /// `None` where the body tells nothing to a reader of the log.
    pub(super) fn of(head: &Parts, exact: Option<u64>) -> Option<Self> {
        let announced = || head.headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok();
        let length = exact.or_else(announced).map(|length| usize::try_from(length).unwrap_or(usize::MAX));
        let is_read = length != Some(0) && is_text(head) && !head.headers.contains_key(CONTENT_ENCODING);
        let is_candidate = is_json(head) && length.is_some_and(|length| length <= LONGEST_ENVELOPE);
        // One more than an envelope may have: only what ends in time is one.
        let most = if is_candidate { LONGEST_ENVELOPE + 1 } else { EXCERPT };
        is_read.then_some(Self { most, waits: length.is_some(), is_candidate })
    }
}

fn is_json(head: &Parts) -> bool {
    media_type(&head.headers).eq_ignore_ascii_case(JSON)
}

fn is_text(head: &Parts) -> bool {
    let media_type = media_type(&head.headers).to_ascii_lowercase();
    media_type == JSON || media_type.starts_with("text/") || media_type.ends_with("+json")
}
