//! Something that is worked on for a request: a future, or the body of an answer.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::RequestContext;
use super::current::lend;
use super::request_span::RequestSpan;

pin_project! {
    /// A future with its request context; it can be named, so a middleware needs no box.
    ///
    /// It is polled, and dropped, within the context. What comes after it takes the context on ([`hand_on`](Self::hand_on)).
    #[derive(Debug)]
    pub struct InContext<T> {
        #[pin]
        inner: Option<T>,
        // None once it was handed on.
        request: Option<RequestContext>,
        span: RequestSpan,
    }

    impl<T> PinnedDrop for InContext<T> {
        fn drop(this: Pin<&mut Self>) {
            if this.inner.is_some() {
                this.within(|mut inner| inner.set(None));
            }
        }
    }
}

impl<T> InContext<T> {
    #[inline]
    pub(super) const fn new(request: Option<RequestContext>, span: RequestSpan, inner: T) -> Self {
        Self { inner: Some(inner), request, span }
    }

    /// What is worked on, while there is something left.
    #[must_use]
    pub const fn get(&self) -> Option<&T> {
        self.inner.as_ref()
    }

    /// Works on it within the context. Set to `None`, it has ended, and is dropped within the context too.
    pub fn within<R>(self: Pin<&mut Self>, work: impl FnOnce(Pin<&mut Option<T>>) -> R) -> R {
        let this = self.project();
        let work = || work(this.inner);
        match this.span {
            RequestSpan::Open(span) => span.in_scope(|| lend(this.request, &mut RequestSpan::none(), work)),
            unasked @ RequestSpan::Unasked { .. } => lend(this.request, unasked, work),
        }
    }

    /// Gives the context to `next`, which comes in the place of what has ended here: the body of the answer that the future was about.
    ///
    /// ```
    /// use std::pin::pin;
    ///
    /// use standards_core::{CorrelationId, RequestContext, context};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let request = RequestContext::new(CorrelationId::parse("abc").unwrap(), "/pagos", "POST");
    /// let mut future = pin!(context::scope(request, async { "hola" }));
    /// let greeting = future.as_mut().await;
    /// let mut body = pin!(future.hand_on(greeting));
    /// let id = body.as_mut().within(|_| context::with_current(|request| request.unwrap().correlation_id().to_string()));
    /// assert_eq!((id.as_str(), body.get()), ("abc", Some(&"hola")));
    /// # });
    /// ```
    pub fn hand_on<U>(self: Pin<&mut Self>, next: U) -> InContext<U> {
        let this = self.project();
        InContext { inner: Some(next), request: this.request.take(), span: mem::replace(this.span, RequestSpan::none()) }
    }
}

impl<F: Future> Future for InContext<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.within(|mut inner| {
            let Some(future) = inner.as_mut().as_pin_mut() else { return Poll::Pending };
            let poll = future.poll(cx);
            if poll.is_ready() {
                inner.set(None);
            }
            poll
        })
    }
}
