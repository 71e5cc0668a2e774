//! An answer's body as hyper is given it.
//!
//! hyper copies a body together with its head and writes both at once: for a small answer that is cheaper than to gather them (`cargo
//! bench-http`). What it copies into is kept as long as it serves the connection, so it is given pieces.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

/// The largest piece, in bytes.
const PIECE: usize = 16 * 1024;

pin_project! {
    /// A service's body in pieces, or none.
    pub(super) struct Pieces<B> {
        #[pin]
        body: Option<B>,
        // Of the frame at hand.
        rest: Bytes,
    }
}

impl<B> Pieces<B> {
    pub(super) const fn of(body: B) -> Self {
        Self { body: Some(body), rest: Bytes::new() }
    }

    pub(super) const fn none() -> Self {
        Self { body: None, rest: Bytes::new() }
    }
}

impl<B: Body<Data = Bytes>> Body for Pieces<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.project();
        if this.rest.is_empty() {
            let Some(body) = this.body.as_pin_mut() else { return Poll::Ready(None) };
            let polled = body.poll_frame(cx);
            if !is_large(&polled) {
                return polled;
            }
            let frame = ready!(polled).and_then(Result::ok).and_then(|frame| frame.into_data().ok());
            *this.rest = frame.unwrap_or_default();
        }
        let piece = this.rest.split_to(this.rest.len().min(PIECE));
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let (mut hint, rest) =
            (self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint), self.rest.len() as u64);
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper + rest);
        }
        hint.set_lower(hint.lower() + rest);
        hint
    }
}

fn is_large<E>(polled: &Poll<Option<Result<Frame<Bytes>, E>>>) -> bool {
    matches!(polled, Poll::Ready(Some(Ok(frame))) if frame.data_ref().is_some_and(|data| data.len() > PIECE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use http::HeaderMap;
    use http_body_util::{BodyExt, Full, StreamBody};
    use std::convert::Infallible;

    fn frames(body: impl Body<Data = Bytes, Error = Infallible>) -> Vec<Frame<Bytes>> {
        let mut body = Box::pin(Pieces::of(body));
        let mut frames = Vec::new();
        while let Some(frame) = body.frame().now_or_never().unwrap() {
            frames.push(frame.unwrap());
        }
        assert!(body.is_end_stream());
        frames
    }

    #[test]
    fn a_body_is_the_same_in_pieces() {
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 5 * PIECE + 7] {
            let whole: Bytes = (0..length).map(|at| (at % 251).to_le_bytes()[0]).collect::<Vec<u8>>().into();
            let pieces: Vec<Bytes> =
                frames(Full::new(whole.clone())).into_iter().map(|frame| frame.into_data().unwrap()).collect();
            assert_eq!(pieces.concat(), whole, "{length}");
            assert!(pieces.iter().all(|piece| piece.len() <= PIECE), "{length}");
            assert_eq!(pieces.len(), length.div_ceil(PIECE), "{length}");
        }
    }

    #[test]
    fn trailers_come_last() {
        let trailers = || HeaderMap::from_iter([(http::header::ETAG, "\"a\"".parse().unwrap())]);
        let whole = [Frame::data(Bytes::from(vec![7; 2 * PIECE])), Frame::trailers(trailers())];
        let frames = frames(StreamBody::new(futures_util::stream::iter(whole.map(Ok))));
        assert_eq!(frames.len(), 3);
        assert_eq!(frames.last().unwrap().trailers_ref(), Some(&trailers()));
    }

    #[test]
    fn what_is_left_is_told() {
        let mut body = Pieces::of(Full::new(Bytes::from(vec![7; 2 * PIECE + 1])));
        for left in [2 * PIECE + 1, PIECE + 1, 1] {
            assert_eq!((body.size_hint().exact(), body.is_end_stream()), (Some(left as u64), false));
            assert!(body.frame().now_or_never().unwrap().is_some());
        }
        assert_eq!((body.size_hint().exact(), body.is_end_stream()), (Some(0), true));
        assert_eq!(
            (Pieces::<Full<Bytes>>::none().size_hint().exact(), Pieces::<Full<Bytes>>::none().is_end_stream()),
            (Some(0), true)
        );
    }
}
