//! An answer whose body is read piece by piece.

use std::time::Duration;

use axum::body::{Body, Bytes};
use http::response::Parts;
use http::{HeaderMap, Response};
use http_body_util::BodyExt;
use standards_core::CorrelationId;
use standards_core::log::capture::Capture;

use super::answer::TestAnswer;
use super::app::TestApp;
use super::asked::Asked;

/// An answer of which the head is there: the body is read piece by piece, or left by dropping it.
///
/// ```
/// use axum::body::Body;
/// use axum::{Router, routing::get};
/// use futures_util::stream;
/// use standards_axum::standardize;
/// use standards_axum::testing::TestApp;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let two = async || Body::from_stream(stream::iter([Ok("uno"), Err(std::io::Error::other("disco lleno"))]));
/// let app = TestApp::new(standardize(Router::new().route("/", get(two))));
/// let mut answer = app.get("/").open().await;
/// assert_eq!(answer.status(), 200);
/// assert_eq!(answer.piece().await.unwrap().unwrap(), "uno");
/// assert!(answer.piece().await.unwrap().is_err());
/// assert_eq!(answer.log().record("La respuesta se interrumpió")["context"]["bytes_sent"], 3);
/// # }
/// ```
#[derive(Debug)]
pub struct OpenAnswer {
    asked: Asked,
    head: Parts,
    body: Body,
    log: Capture,
    limit: usize,
    patience: Duration,
}

impl OpenAnswer {
    pub(super) fn new(asked: Asked, answer: Response<Body>, id: &CorrelationId, app: &TestApp) -> Self {
        let (head, body) = answer.into_parts();
        Self { asked, head, body, log: Capture::of(id), limit: app.body_limit, patience: app.patience }
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.head.status.as_u16()
    }

    /// The headers.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// The records of the request so far.
    #[must_use]
    pub const fn log(&self) -> &Capture {
        &self.log
    }

    /// The next piece of the body, the error that breaks it off, or nothing when it has ended. Trailers are passed over.
    ///
    /// # Panics
    ///
    /// When there is none in time.
    pub async fn piece(&mut self) -> Option<Result<Bytes, axum::Error>> {
        loop {
            let Ok(frame) = tokio::time::timeout(self.patience, self.body.frame()).await else {
                panic!("{} had no more of its body within {:?}", self.asked, self.patience);
            };
            match frame? {
                Ok(frame) => match frame.into_data() {
                    Ok(data) => return Some(Ok(data)),
                    Err(_trailers) => {}
                },
                Err(error) => return Some(Err(error)),
            }
        }
    }

    /// The whole answer.
    ///
    /// # Panics
    ///
    /// When the body breaks off, is longer than the limit, or does not come in time.
    pub async fn read(mut self) -> TestAnswer {
        let mut whole = Vec::new();
        while let Some(piece) = self.piece().await {
            match piece {
                Ok(piece) => whole.extend_from_slice(&piece),
                Err(error) => panic!("{} was answered by a body that broke off after {} bytes: {error}", self.asked, whole.len()),
            }
            assert!(whole.len() <= self.limit, "{} was answered by more than {} bytes", self.asked, self.limit);
        }
        TestAnswer { asked: self.asked, head: self.head, body: whole.into(), log: self.log }
    }
}
