//! Refuse a body in a transfer coding that nobody here decodes.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONNECTION, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, Request, Response};
use pin_project_lite::pin_project;
use standards_core::{ErrorStatus, Failure};
use tower_layer::Layer;
use tower_service::Service;

use crate::answer::ApiError;
use crate::layers::body::Replaceable;

/// Answers 400 and closes the connection where `Transfer-Encoding` is anything but `chunked` (RFC 9112, section 6.1).
///
/// A proxy in front may read such a message otherwise than this server, and what follows the body would be taken for a request
/// that nobody sent.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FramingLayer;

impl<S> Layer<S> for FramingLayer {
    type Service = Framing<S>;

    fn layer(&self, inner: S) -> Framing<S> {
        Framing { inner }
    }
}

/// The service of `FramingLayer`.
#[derive(Clone, Debug)]
pub struct Framing<S> {
    inner: S,
}

impl<S, B, R> Service<Request<B>> for Framing<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = Response<Replaceable<R>>;
    type Error = S::Error;
    type Future = FramingFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        if is_understood(request.headers()) {
            FramingFuture::Inner { future: self.inner.call(request) }
        } else {
            FramingFuture::Refused { answer: Some(refusal()) }
        }
    }
}

fn is_understood(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    let chunked = |coding: &HeaderValue| coding.as_bytes().eq_ignore_ascii_case(b"chunked");
    codings.next().is_none_or(chunked) && codings.next().is_none()
}

fn refusal() -> Response<Bytes> {
    let error = ApiError::from(Failure::http(ErrorStatus::BAD_REQUEST));
    error.with_header(CONNECTION, HeaderValue::from_static("close")).into_answer()
}

pin_project! {
    /// The future of [`Framing`].
    #[project = FramingProjection]
    pub enum FramingFuture<F> {
        /// The inner service is at work.
        Inner {
            #[pin]
            future: F,
        },
        /// The request was refused.
        Refused {
            answer: Option<Response<Bytes>>,
        },
    }
}

impl<F, R, E> Future for FramingFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<Replaceable<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            FramingProjection::Inner { future } => future.poll(cx).map_ok(|response| response.map(Replaceable::inner)),
            FramingProjection::Refused { answer } => {
                answer.take().map_or(Poll::Pending, |answer| Poll::Ready(Ok(answer.map(Replaceable::replaced))))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn understood(codings: &[&'static str]) -> bool {
        is_understood(&codings.iter().map(|coding| (TRANSFER_ENCODING, HeaderValue::from_static(coding))).collect())
    }

    #[test]
    fn chunked_is_the_only_coding() {
        assert!(understood(&[]) && understood(&["chunked"]) && understood(&["Chunked"]));
        for codings in [&["gzip, chunked"][..], &["gzip"], &["identity"], &["chunked, chunked"], &["chunked", "chunked"]] {
            assert!(!understood(codings), "{codings:?}");
        }
    }
}
