//! Tell somebody of each request that ends: for metrics.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::Response;
use standards_core::{RequestContext, context};

use super::access_log::CLIENT_CLOSED_REQUEST;
use crate::answer::code_of;

/// Is told of each request, when it begins and how it ends: what the access record says, whatever the log leaves out.
///
/// [`StandardsLayer::observed_by`](crate::StandardsLayer::observed_by) and [`AccessLogLayer::observed_by`](super::AccessLogLayer::observed_by)
/// attach one. It is asked on the way of every request, so it must neither wait nor log.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use std::sync::Arc;
///
/// use axum::body::Body;
/// use axum::{Router, routing::get};
/// use http::Request;
/// use standards_axum::layers::{RequestEnd, RequestObserver};
/// use standards_axum::{StandardsLayer, standardize_with};
/// use tower::ServiceExt;
///
/// #[derive(Default)]
/// struct Failures(AtomicU64);
///
/// impl RequestObserver for Failures {
///     fn ended(&self, end: &RequestEnd<'_>) {
///         self.0.fetch_add(u64::from(end.status >= 400), Ordering::Relaxed);
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let failures = Arc::new(Failures::default());
/// let app = standardize_with(Router::new().route("/", get(async || "hola")), &StandardsLayer::new().observed_by(failures.clone()));
/// for path in ["/", "/nada"] {
///     app.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
/// }
/// assert_eq!(failures.0.load(Ordering::Relaxed), 1);
/// # }
/// ```
pub trait RequestObserver: Send + Sync {
    /// A request has come. It will end, once.
    fn began(&self) {}

    /// A request has ended: its answer's head is ready, or nobody waits for it any more.
    fn ended(&self, end: &RequestEnd<'_>);
}

/// How a request ended.
///
/// Made by the access log for a [`RequestObserver`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RequestEnd<'r> {
    /// The template of the route that was asked for, `/pagos/{id}`; `None` where no route was reached: an unknown path, or a request that
    /// was refused before.
    pub route: Option<&'r str>,
    /// The verb as it was sent, which may be any word.
    pub http_method: &'r str,
    /// The answer's status; 499 where the request was given up before.
    pub status: u16,
    /// The code in the answer, of a row of a catalogue, where the request failed.
    pub error_code: Option<&'static str>,
    /// From when the request came to the layer.
    pub duration: Duration,
}

/// Who is told, where anybody is.
#[derive(Clone, Default)]
pub(super) struct Observers(Option<Arc<dyn RequestObserver>>);

impl Observers {
    /// With one more.
    pub(super) fn and(self, observer: Arc<dyn RequestObserver>) -> Self {
        Self(Some(match self.0 {
            Some(first) => Arc::new(Both(first, observer)),
            None => observer,
        }))
    }

    /// With those of `others` too.
    pub(super) fn and_all(self, others: Self) -> Self {
        match others.0 {
            Some(observer) => self.and(observer),
            None => self,
        }
    }

    /// Tells of a request that begins.
    pub(super) fn begin(&self) -> Observed {
        if let Some(observer) = &self.0 {
            observer.began();
        }
        Observed(self.0.clone())
    }
}

impl fmt::Debug for Observers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Observers").field(&self.0.is_some()).finish()
    }
}

struct Both(Arc<dyn RequestObserver>, Arc<dyn RequestObserver>);

impl RequestObserver for Both {
    fn began(&self) {
        self.0.began();
        self.1.began();
    }

    fn ended(&self, end: &RequestEnd<'_>) {
        self.0.ended(end);
        self.1.ended(end);
    }
}

/// Who was told that a request began.
#[derive(Default)]
pub(super) struct Observed(Option<Arc<dyn RequestObserver>>);

impl Observed {
    /// Tells of the answer.
    pub(super) fn end<R>(&self, response: &Response<R>, duration: Duration) {
        if let Some(observer) = &self.0 {
            tell(&**observer, duration, response.status().as_u16(), code_of(response));
        }
    }

    /// Tells that the request was given up.
    pub(super) fn abandoned(&self, duration: Duration) {
        if let Some(observer) = &self.0 {
            tell(&**observer, duration, CLIENT_CLOSED_REQUEST, None);
        }
    }
}

fn tell(observer: &dyn RequestObserver, duration: Duration, status: u16, error_code: Option<&'static str>) {
    context::with_current(|request| {
        let (route, http_method) = (request.and_then(RequestContext::route), request.map_or("", RequestContext::http_method));
        observer.ended(&RequestEnd { route, http_method, status, error_code, duration });
    });
}
