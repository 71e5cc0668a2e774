//! Open the request's context around everything that serves it, and name the request in the answer.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::header::ACCEPT_LANGUAGE;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use standards_core::context::{self, InContext, TraceParent};
use standards_core::{CorrelationId, Language, RequestContext};
use tower_layer::Layer;
use tower_service::Service;
use tracing::Span;

/// `X-Correlation-ID`.
pub const X_CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Gives each request its [`RequestContext`] (guideline section 3, "Middleware para Correlation ID").
///
/// The client's `X-Correlation-ID` is taken where there is one and it is well formed, else a new one is made; the answer carries
/// it whatever happened. The context lasts while the answer's body streams.
#[derive(Clone, Copy, Debug, Default)]
pub struct CorrelationLayer;

impl<S> Layer<S> for CorrelationLayer {
    type Service = Correlation<S>;

    fn layer(&self, inner: S) -> Correlation<S> {
        Correlation { inner }
    }
}

/// The service of [`CorrelationLayer`].
#[derive(Clone, Debug)]
pub struct Correlation<S> {
    inner: S,
}

impl<S, B, R> Service<Request<B>> for Correlation<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = Response<CorrelatedBody<R>>;
    type Error = S::Error;
    type Future = CorrelationFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let context = request_context(&request);
        // The inner service may already log while it is called.
        let inner = context::sync_scope(context.clone(), || self.inner.call(request));
        CorrelationFuture { inner: context::scope(context.clone(), inner), context }
    }
}

fn request_context<B>(request: &Request<B>) -> RequestContext {
    let headers = request.headers();
    RequestContext::with_details(
        only(headers, &X_CORRELATION_ID).and_then(CorrelationId::parse).unwrap_or_else(CorrelationId::generate),
        request.uri().path(),
        request.method().as_str(),
        only(headers, &ACCEPT_LANGUAGE).map(Language::negotiate).unwrap_or_default(),
        only(headers, &TRACEPARENT).and_then(TraceParent::parse),
    )
}

/// The header's value where it stands once and is visible ASCII.
pub(crate) fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

pin_project! {
    /// The future of [`Correlation`].
    pub struct CorrelationFuture<F> {
        #[pin]
        inner: InContext<F>,
        context: RequestContext,
    }
}

impl<F, R, E> Future for CorrelationFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<CorrelatedBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let span = this.inner.span().clone();
        let mut response = ready!(this.inner.poll(cx))?;
        if let Ok(value) = HeaderValue::from_str(this.context.correlation_id().as_str()) {
            response.headers_mut().insert(X_CORRELATION_ID, value);
        }
        Poll::Ready(Ok(response.map(|body| CorrelatedBody { body, context: this.context.clone(), span })))
    }
}

pin_project! {
    /// A body that is produced on behalf of its request.
    pub struct CorrelatedBody<B> {
        #[pin]
        body: B,
        context: RequestContext,
        span: Span,
    }
}

impl<B: Body> Body for CorrelatedBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        this.span.in_scope(|| context::sync_scope(this.context.clone(), || this.body.poll_frame(cx)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body as AxumBody;
    use bytes::Bytes;
    use http_body_util::BodyExt;
    use std::convert::Infallible;
    use tower::{ServiceExt, service_fn};

    async fn answer(values: &[&[u8]]) -> (Option<String>, String) {
        let mut request = Request::new(());
        for value in values {
            request.headers_mut().append(X_CORRELATION_ID, HeaderValue::from_bytes(value).unwrap());
        }
        let inner = service_fn(async |_: Request<()>| {
            Ok::<_, Infallible>(Response::new(AxumBody::from(current_id().unwrap_or_default())))
        });
        let response = CorrelationLayer.layer(inner).oneshot(request).await.unwrap();
        let header = response.headers().get(X_CORRELATION_ID).map(|value| value.to_str().unwrap().to_owned());
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (header, String::from_utf8(body.to_vec()).unwrap())
    }

    fn current_id() -> Option<String> {
        context::current().map(|context| context.correlation_id().to_string())
    }

    #[tokio::test]
    async fn a_well_formed_id_is_taken() {
        assert_eq!(answer(&[b"abc-123"]).await, (Some("abc-123".into()), "abc-123".into()));
    }

    #[tokio::test]
    async fn anything_else_is_replaced_by_a_new_uuid() {
        let long = [b'a'; 129];
        let cases: [&[&[u8]]; 6] = [&[], &[b""], &[b"a b"], &[b"\xe9\xff"], &[&long], &[b"a", b"b"]];
        for values in cases {
            let (header, inside) = answer(values).await;
            assert_eq!(header.as_deref(), Some(inside.as_str()));
            assert_eq!(inside.len(), 36, "{values:?} gave {inside}");
        }
    }

    /// A body that tells which request it is produced for.
    struct WhoseBody;

    impl Body for WhoseBody {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Ready(Some(Ok(Frame::data(current_id().unwrap_or_default().into()))))
        }
    }

    #[tokio::test]
    async fn the_body_streams_inside_the_context() {
        let inner = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(WhoseBody)));
        let mut request = Request::new(());
        request.headers_mut().insert(X_CORRELATION_ID, HeaderValue::from_static("streamed"));
        let mut response = CorrelationLayer.layer(inner).oneshot(request).await.unwrap();
        let frame = response.frame().await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), "streamed");
    }
}
