//! Refuse requests early, by their head alone.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONNECTION, TRANSFER_ENCODING};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Request, Response};
use pin_project_lite::pin_project;
use standards_core::{ErrorStatus, Failure};
use tower_layer::Layer;
use tower_service::Service;

use crate::answer::ApiError;

/// Asks `check` about every request's head, and answers with its error where there is one: nothing inside hears of the request.
///
/// A check waits for nothing. What it needs of the world (whether a schema is in place, which keys are valid) it looks up in something
/// that is kept up to date elsewhere. The refusal's body takes the inner service's form, so nothing is boxed for it.
///
/// ```
/// use axum::body::Body;
/// use axum::{Router, routing::get};
/// use http::Request;
/// use http::request::Parts;
/// use standards_axum::ApiError;
/// use standards_axum::core::{ErrorStatus, Failure};
/// use standards_axum::layers::GuardLayer;
/// use tower::ServiceExt;
///
/// fn only_https(head: &Parts) -> Result<(), ApiError> {
///     match head.headers.get("x-forwarded-proto") {
///         Some(scheme) if scheme != "https" => Err(Failure::http(ErrorStatus::FORBIDDEN).into()),
///         _ => Ok(()),
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let app: Router = Router::new().route("/", get(async || "hola")).layer(GuardLayer::new(only_https));
/// let status = async |scheme| {
///     let request = Request::get("/").header("x-forwarded-proto", scheme).body(Body::empty()).unwrap();
///     app.clone().oneshot(request).await.unwrap().status()
/// };
/// assert_eq!(status("https").await, 200);
/// assert_eq!(status("http").await, 403);
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct GuardLayer<C> {
    check: C,
}

impl<C: HeadCheck> GuardLayer<C> {
    /// Lets pass what `check` has nothing against.
    pub const fn new(check: C) -> Self {
        Self { check }
    }
}

impl<S, C: Clone> Layer<S> for GuardLayer<C> {
    type Service = Guard<S, C>;

    fn layer(&self, inner: S) -> Guard<S, C> {
        Guard::new(inner, self.check.clone())
    }
}

/// What a [`Guard`] asks about a head. Every `Fn(&Parts) -> Result<(), ApiError>` is one; a type of one's own may leave something in the
/// head's extensions for the handler.
///
/// ```
/// use http::request::Parts;
/// use standards_axum::ApiError;
/// use standards_axum::core::{ErrorStatus, Failure};
/// use standards_axum::layers::{GuardLayer, HeadCheck};
///
/// /// The branch that a request is for, as handlers find it.
/// #[derive(Clone)]
/// struct Sucursal(u32);
///
/// #[derive(Clone)]
/// struct KnownBranches(u32);
///
/// impl HeadCheck for KnownBranches {
///     fn check(&self, head: &mut Parts) -> Result<(), ApiError> {
///         let named = head.headers.get("x-sucursal").and_then(|value| value.to_str().ok()?.parse().ok());
///         let known = named.filter(|branch| *branch <= self.0).ok_or_else(|| Failure::http(ErrorStatus::FORBIDDEN))?;
///         head.extensions.insert(Sucursal(known));
///         Ok(())
///     }
/// }
///
/// let layer = GuardLayer::new(KnownBranches(40));
/// ```
pub trait HeadCheck {
    /// Lets the request pass, or answers it.
    ///
    /// # Errors
    ///
    /// The answer, where the request is refused.
    fn check(&self, head: &mut Parts) -> Result<(), ApiError>;
}

impl<C: Fn(&Parts) -> Result<(), ApiError>> HeadCheck for C {
    fn check(&self, head: &mut Parts) -> Result<(), ApiError> {
        self(head)
    }
}

/// The service of [`GuardLayer`], and of each layer that refuses by the head alone.
#[derive(Clone, Copy, Debug)]
pub struct Guard<S, C> {
    inner: S,
    check: C,
}

impl<S, C> Guard<S, C> {
    /// `inner`, behind `check`.
    pub(crate) const fn new(inner: S, check: C) -> Self {
        Self { inner, check }
    }
}

impl<S, C, B, R> Service<Request<B>> for Guard<S, C>
where
    S: Service<Request<B>, Response = Response<R>>,
    C: HeadCheck,
    R: From<Bytes>,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = GuardFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let kind = match with_head(&mut request, |head| self.check.check(head)) {
            Ok(()) => Kind::Passed { future: self.inner.call(request) },
            Err(error) => Kind::Refused { error: Some(error) },
        };
        GuardFuture { kind }
    }
}

/// What `work` gives for the request's head, which it may change.
pub(crate) fn with_head<B, T>(request: &mut Request<B>, work: impl FnOnce(&mut Parts) -> T) -> T {
    let (mut head, ()) = Request::new(()).into_parts();
    exchange(request, &mut head);
    let result = work(&mut head);
    exchange(request, &mut head);
    result
}

fn exchange<B>(request: &mut Request<B>, head: &mut Parts) {
    mem::swap(request.method_mut(), &mut head.method);
    mem::swap(request.uri_mut(), &mut head.uri);
    mem::swap(request.version_mut(), &mut head.version);
    mem::swap(request.headers_mut(), &mut head.headers);
    mem::swap(request.extensions_mut(), &mut head.extensions);
}

pin_project! {
    /// The future of [`Guard`].
    pub struct GuardFuture<F> {
        #[pin]
        kind: Kind<F>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<F> {
        /// The inner service is at work.
        Passed {
            #[pin]
            future: F,
        },
        /// The request was refused.
        Refused {
            error: Option<ApiError>,
        },
    }
}

impl<F, R, E> Future for GuardFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: From<Bytes>,
{
    type Output = Result<Response<R>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().kind.project() {
            KindProjection::Passed { future } => future.poll(cx),
            KindProjection::Refused { error } => {
                error.take().map_or(Poll::Pending, |error| Poll::Ready(Ok(error.into_answer().map(R::from))))
            }
        }
    }
}

/// Refuses a body in a transfer coding that nobody here decodes; for a [`GuardLayer`].
///
/// A proxy in front may read such a message otherwise than this server, and what follows the body would be taken for a request
/// that nobody sent.
///
/// ```
/// use http::Request;
/// use standards_axum::layers::framing;
///
/// let head = |coding: &str| Request::post("/").header("transfer-encoding", coding).body(()).unwrap().into_parts().0;
/// assert!(framing(&head("chunked")).is_ok());
/// assert_eq!(framing(&head("gzip, chunked")).unwrap_err().failure().status().as_u16(), 400);
/// ```
///
/// # Errors
///
/// 400, which closes the connection, where `Transfer-Encoding` is anything but `chunked` (RFC 9112, section 6.1).
pub fn framing(head: &Parts) -> Result<(), ApiError> {
    framing_of(&head.headers)
}

/// The same, of these headers.
pub(crate) fn framing_of(headers: &HeaderMap) -> Result<(), ApiError> {
    if is_understood(headers) {
        return Ok(());
    }
    let error = ApiError::from(Failure::http(ErrorStatus::BAD_REQUEST));
    Err(error.with_header(CONNECTION, HeaderValue::from_static("close")))
}

fn is_understood(headers: &HeaderMap) -> bool {
    // Few have any, and to look at all names takes less than a hash.
    if !headers.keys().any(|name| *name == TRANSFER_ENCODING) {
        return true;
    }
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    let chunked = |coding: &HeaderValue| coding.as_bytes().eq_ignore_ascii_case(b"chunked");
    codings.next().is_none_or(chunked) && codings.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use std::convert::Infallible;
    use tower::{ServiceExt, service_fn};

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

    fn named(head: &Parts) -> Result<(), ApiError> {
        if head.headers.contains_key("x-name") { Ok(()) } else { Err(Failure::http(ErrorStatus::FORBIDDEN).into()) }
    }

    async fn status(request: Request<Body>) -> u16 {
        let inner = service_fn(async |_: Request<Body>| Ok::<_, Infallible>(Response::new(Body::from("hola"))));
        GuardLayer::new(named).layer(inner).oneshot(request).await.unwrap().status().as_u16()
    }

    #[tokio::test]
    async fn a_request_passes_or_is_refused_by_its_head() {
        assert_eq!(status(Request::get("/").header("x-name", "ana").body(Body::empty()).unwrap()).await, 200);
        assert_eq!(status(Request::new(Body::empty())).await, 403);
    }
}
