//! Tell how an answer's body ended, where it did not end well.

use std::fmt::Display;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Response;
use http::header::CONTENT_LENGTH;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use standards_core::log::{LogLevel, Record};
use standards_core::{Failure, catch_panic};

use super::access_log::{access_record, tell_request};
use crate::answer::place_of;

pin_project! {
    /// The body of an answer that was logged when its head was there.
    ///
    /// Where it breaks off, by an error or a panic of its own or because nobody reads on, one more record says so, and how many bytes
    /// had been sent.
    pub struct LoggedBody<B> {
        #[pin]
        body: B,
        sent: Sent,
    }

    impl<B> PinnedDrop for LoggedBody<B> {
        fn drop(this: Pin<&mut Self>) {
            let sent = this.project().sent;
            if sent.breaks_off() {
                sent.tell(access_record(LogLevel::Warning, "La respuesta se abandonó antes de su fin"));
            }
        }
    }
}

/// How far a body has come.
#[derive(Default)]
pub(crate) struct Sent {
    /// No layer around this one tells of the request.
    is_watched: bool,
    bytes: u64,
    announced: Option<u64>,
    /// Somebody reads it: of an answer to `HEAD` or with status 304 nobody wants the body.
    has_begun: bool,
    has_ended: bool,
}

impl Sent {
    /// Nothing yet of an answer whose body is watched where nobody else does.
    pub(crate) fn of<B: Body>(response: &Response<B>, is_watched: bool) -> Self {
        let header = || response.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok();
        let announced = response.body().size_hint().exact().or_else(header);
        Self { is_watched, announced, ..Self::default() }
    }

    fn breaks_off(&self) -> bool {
        // A server asks no further than to the length that was announced.
        self.is_watched && self.has_begun && !self.has_ended && self.announced.is_none_or(|length| self.bytes < length)
    }

    fn tell(&self, record: Record<'_>) {
        record.emit_with(|fields| {
            fields.unsigned("bytes_sent", self.bytes);
            tell_request(fields);
        });
    }

    fn note(&mut self, data: Option<&Bytes>, is_last: bool) {
        self.bytes += data.map_or(0, |data| data.len() as u64);
        self.has_ended = is_last;
    }

    fn failed(&mut self, error: &dyn Display) {
        self.interrupted(&Failure::internal(error.to_string()).with_place(place_of("answer's body")));
    }

    /// The connection has to break too; the hook is passed over, for the panic is logged.
    fn panicked(&mut self, panic: &Failure) -> ! {
        self.interrupted(panic);
        resume_unwind(Box::new(panic.cause_chain()))
    }

    fn interrupted(&mut self, failure: &Failure) {
        self.has_ended = true;
        if !self.is_watched {
            return;
        }
        self.tell(access_record(LogLevel::Error, "La respuesta se interrumpió").failure(failure));
    }
}

impl<B: Body> LoggedBody<B> {
    /// The answer, whose body is watched where nobody else does.
    pub(super) fn around(response: Response<B>, is_watched: bool) -> Response<Self> {
        let sent = Sent::of(&response, is_watched);
        response.map(|body| Self::new(body, sent))
    }
}

impl<B> LoggedBody<B> {
    pub(crate) const fn new(body: B, sent: Sent) -> Self {
        Self { body, sent }
    }
}

impl<B> Body for LoggedBody<B>
where
    B: Body<Data = Bytes>,
    B::Error: Display,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let mut this = self.project();
        this.sent.has_begun = true;
        let mut poll = || this.body.as_mut().poll_frame(cx);
        let poll =
            if this.sent.is_watched { catch_panic(poll).unwrap_or_else(|panic| this.sent.panicked(&panic)) } else { poll() };
        match &poll {
            Poll::Ready(Some(Ok(frame))) => this.sent.note(frame.data_ref(), this.body.is_end_stream()),
            Poll::Ready(Some(Err(error))) => this.sent.failed(error),
            Poll::Ready(None) => this.sent.has_ended = true,
            Poll::Pending => {}
        }
        poll
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
