//! A request and what came of it: its answer, and its log. The tests of the reference service look at theirs through it too.

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request};
use http_body_util::BodyExt;
use standards_axum::layers::X_CORRELATION_ID;
use standards_core::CorrelationId;
use standards_core::log::capture::Capture;
use tower::ServiceExt;

/// A request under an id of its own, and the log of it.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
    pub(crate) log: Capture,
}

impl Exchange {
    /// Sends `request` under this correlation id, which the answer must carry. The log must have been installed.
    pub(crate) async fn send(router: &Router, id: &CorrelationId, mut request: Request<Body>) -> Self {
        request.headers_mut().insert(X_CORRELATION_ID, id.as_str().parse().unwrap());
        let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
        assert_eq!(parts.headers[X_CORRELATION_ID], id.as_str());
        let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        Self { status: parts.status.as_u16(), headers: parts.headers, body, log: Capture::of(id) }
    }

    /// The answer is a failure in the envelope and says no more than this.
    #[track_caller]
    pub(crate) fn assert_failure(&self, status: u16, code: &str, message: &str) {
        let expected = format!(r#"{{"success":false,"data":null,"errors":[{{"code":"{code}","message":"{message}"}}]}}"#);
        assert_eq!((self.status, self.body.as_str()), (status, expected.as_str()));
        assert_eq!(self.headers["content-type"], "application/json");
    }
}
