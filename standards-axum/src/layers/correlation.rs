//! Open the request's context around everything that serves it, and name the request in the answer.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
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
/// it whatever happened. So do the request's headers, in place of what the client sent: who forwards them sends the id on. The context
/// lasts while the answer's body streams, and while that is dropped.
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

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let taken = only(request.headers(), &X_CORRELATION_ID).and_then(CorrelationId::parse);
        let is_taken = taken.is_some();
        let context = request_context(&request, taken.unwrap_or_else(CorrelationId::generate));
        let header = if is_taken { request.headers().get(X_CORRELATION_ID).cloned() } else { None };
        let header = header.or_else(|| stand_in(request.headers_mut(), context.correlation_id()));
        // The inner service may already log while it is called.
        let inner = context::sync_scope(context.clone(), || self.inner.call(request));
        CorrelationFuture { inner: context::scope(context.clone(), inner), context, header }
    }
}

/// Puts a new id into the request's headers, in place of what stands there.
fn stand_in(headers: &mut HeaderMap, id: &CorrelationId) -> Option<HeaderValue> {
    // Request and answer share one piece of memory.
    let header = HeaderValue::from_maybe_shared(Bytes::from_owner(IdBytes(id.clone()))).ok()?;
    headers.insert(X_CORRELATION_ID, header.clone());
    Some(header)
}

struct IdBytes(CorrelationId);

impl AsRef<[u8]> for IdBytes {
    fn as_ref(&self) -> &[u8] {
        self.0.as_str().as_bytes()
    }
}

fn request_context<B>(request: &Request<B>, id: CorrelationId) -> RequestContext {
    let headers = request.headers();
    RequestContext::with_details(
        id,
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
        // Taken for the answer.
        header: Option<HeaderValue>,
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
        if let Some(header) = this.header.take() {
            response.headers_mut().insert(X_CORRELATION_ID, header);
        }
        Poll::Ready(Ok(response.map(|body| CorrelatedBody { body: Some(body), context: this.context.clone(), span })))
    }
}

pin_project! {
    /// A body that is produced on behalf of its request.
    pub struct CorrelatedBody<B> {
        #[pin]
        body: Option<B>,
        context: RequestContext,
        span: Span,
    }

    impl<B> PinnedDrop for CorrelatedBody<B> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            this.span.in_scope(|| context::sync_scope(this.context.clone(), || this.body.set(None)));
        }
    }
}

impl<B: Body> Body for CorrelatedBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let Some(body) = this.body.as_pin_mut() else { return Poll::Ready(None) };
        this.span.in_scope(|| context::sync_scope(this.context.clone(), || body.poll_frame(cx)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body as AxumBody;
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

    /// Tells where it is dropped.
    struct WhereDropped(std::sync::mpsc::Sender<Option<String>>);

    impl Drop for WhereDropped {
        fn drop(&mut self) {
            self.0.send(current_id()).unwrap();
        }
    }

    impl Body for WhereDropped {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Pending
        }
    }

    #[tokio::test]
    async fn a_body_that_nobody_reads_to_its_end_is_dropped_inside_the_context() {
        let (tell, told) = std::sync::mpsc::channel();
        let inner = service_fn(move |_: Request<()>| {
            let body = WhereDropped(tell.clone());
            async { Ok::<_, Infallible>(Response::new(body)) }
        });
        let mut request = Request::new(());
        request.headers_mut().insert(X_CORRELATION_ID, HeaderValue::from_static("left"));
        drop(CorrelationLayer.layer(inner).oneshot(request).await.unwrap());
        assert_eq!(told.recv().unwrap().as_deref(), Some("left"));
    }

    #[tokio::test]
    async fn the_id_stands_in_the_headers_of_the_request() {
        let echo = service_fn(async |request: Request<()>| {
            let values = request.headers().get_all(X_CORRELATION_ID).iter().map(|value| value.to_str().unwrap().to_owned());
            Ok::<_, Infallible>(Response::new(AxumBody::from(values.collect::<Vec<_>>().join(" "))))
        });
        for given in [&[][..], &["abc-123"], &["a b"], &["a", "b"]] {
            let mut request = Request::new(());
            for value in given {
                request.headers_mut().append(X_CORRELATION_ID, HeaderValue::from_static(value));
            }
            let response = CorrelationLayer.layer(echo).oneshot(request).await.unwrap();
            let id = response.headers()[X_CORRELATION_ID].clone();
            assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), id.as_bytes(), "{given:?}");
        }
    }
}
