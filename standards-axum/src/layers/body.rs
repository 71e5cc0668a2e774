//! A body that is either the inner service's or one that was put in its place.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use pin_project_lite::pin_project;

pin_project! {
    /// The inner service's body, or the bytes that replace it.
    pub struct Replaceable<B> {
        #[pin]
        kind: Kind<B>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<B> {
        /// As the inner service made it.
        Inner {
            #[pin]
            body: B,
        },
        /// What stands in its place.
        Replaced {
            #[pin]
            body: Full<Bytes>,
        },
    }
}

impl<B> Replaceable<B> {
    pub(crate) const fn inner(body: B) -> Self {
        Self { kind: Kind::Inner { body } }
    }

    pub(crate) fn replaced(body: Bytes) -> Self {
        Self { kind: Kind::Replaced { body: Full::new(body) } }
    }
}

impl<B> From<Bytes> for Replaceable<B> {
    fn from(bytes: Bytes) -> Self {
        Self::replaced(bytes)
    }
}

/// An empty body, as the answer to a preflight request has it.
impl<B> Default for Replaceable<B> {
    fn default() -> Self {
        Self::replaced(Bytes::new())
    }
}

impl<B: Body<Data = Bytes>> Body for Replaceable<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match self.project().kind.project() {
            KindProjection::Inner { body } => body.poll_frame(cx),
            KindProjection::Replaced { body } => body.poll_frame(cx).map_err(|never| match never {}),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Inner { body } => body.is_end_stream(),
            Kind::Replaced { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Inner { body } => body.size_hint(),
            Kind::Replaced { body } => body.size_hint(),
        }
    }
}
