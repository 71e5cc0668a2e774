//! Another service of ours, over HTTP: each call goes under the ids of the request that it is made for.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use hyper_util::client::legacy::{self, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use standards_axum::core::{ApiResponse, Failure, OrFailure, context};
use standards_axum::layers::X_CORRELATION_ID;
use standards_axum::url::Url;

const MAX_ANSWER: usize = 64 * 1024;

#[derive(Clone)]
pub(crate) struct Client {
    http: legacy::Client<HttpConnector, Body>,
    base: Url,
    patience: Duration,
}

impl Client {
    pub(crate) fn new(base: Url, patience: Duration) -> Self {
        Self { http: legacy::Client::builder(TokioExecutor::new()).build_http(), base, patience }
    }

    /// Posts `body` and reads the envelope that is answered.
    pub(crate) async fn post<T: for<'de> serde::Deserialize<'de>>(
        &self,
        path: &str,
        body: &impl serde::Serialize,
    ) -> Result<ApiResponse<T>, Failure> {
        let mut request = Request::post(self.base.join(path)).header(header::CONTENT_TYPE, "application/json");
        if let Some(current) = context::current() {
            request = request.header(X_CORRELATION_ID, current.correlation_id().as_str());
            request = request.header(header::ACCEPT_LANGUAGE, current.language().tag());
            if let Some(trace) = current.trace() {
                request = request.header("traceparent", trace.to_string());
            }
        }
        let request = request.body(Body::from(serde_json::to_vec(body).or_internal()?)).or_internal()?;
        let answered = async {
            let answer = self.http.request(request).await.or_unavailable()?;
            to_bytes(Body::new(answer.into_body()), MAX_ANSWER).await.or_unavailable()
        };
        let answer = tokio::time::timeout(self.patience, answered).await.or_unavailable()??;
        serde_json::from_slice(&answer).or_unavailable()
    }
}
