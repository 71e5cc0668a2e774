//! Arbitrary requests through a whole service: method, target, headers and body.
//!
//! The input reads like a request (`input.rs`), so that a corpus can be read and written by hand. Whatever is sent, the answer and its
//! log are what every answer and every log are (`invariants.rs`), but for what a service plants to fail.

mod input;
mod invariants;

use std::sync::{Arc, Mutex, Once};

use axum::Router;
use axum::body::Bytes;
use http_body_util::BodyExt;
use standards_axum::core::log::{Line, LineSink, LogOptions, RecordLayer, install_panic_hook};
use tower::ServiceExt;
use tracing::Dispatch;
use tracing::instrument::WithSubscriber;
use tracing_subscriber::layer::SubscriberExt;

use input::Sent;
use invariants::Answer;

/// A service, and what is known of it.
pub(crate) struct Stack {
    router: Router,
    token: String,
    /// Whether what is asked for at this path may fail: with a 5xx, at ERROR, midway.
    is_planted: fn(&str) -> bool,
    /// Whether a success at this path is in the envelope.
    is_enveloped: fn(&str) -> bool,
    log: Dispatch,
    lines: Lines,
}

impl Stack {
    /// `token` stands for `{token}` in the input.
    pub(crate) fn new(router: Router, token: String, is_planted: fn(&str) -> bool, is_enveloped: fn(&str) -> bool) -> Self {
        static HOOK: Once = Once::new();
        HOOK.call_once(install_panic_hook);
        let lines = Lines::default();
        let options = LogOptions::new("fuzz", "1").with_filters("debug".parse().unwrap());
        let log = Dispatch::new(tracing_subscriber::registry().with(RecordLayer::new(&options, lines.clone())));
        Self { router, token, is_planted, is_enveloped, log, lines }
    }

    /// Sends what `data` describes; panics unless the answer and the log are what they must be. The answer's status; `None` for what is
    /// no request, which no server lets through.
    pub(crate) async fn check(&self, data: &[u8]) -> Option<u16> {
        let sent = Sent::parse(data, &self.token)?;
        let answer = self.ask(&sent).with_subscriber(self.log.clone()).await;
        let lines = std::mem::take(&mut *self.lines.0.lock().unwrap());
        let (planted, enveloped) = ((self.is_planted)(sent.path()), (self.is_enveloped)(sent.path()));
        invariants::check(&sent, &answer, &lines, planted, enveloped);
        let signature = self.token.rsplit('.').next().unwrap_or_default();
        invariants::assert_secrets_kept(signature, &answer, &lines);
        Some(answer.head.status.as_u16())
    }

    async fn ask(&self, sent: &Sent) -> Answer {
        let (head, body) = self.router.clone().oneshot(sent.request()).await.unwrap().into_parts();
        match body.collect().await {
            Ok(body) => Answer { head, body: body.to_bytes(), is_whole: true },
            Err(_) => Answer { head, body: Bytes::new(), is_whole: false },
        }
    }
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<Vec<u8>>>>);

impl LineSink for Lines {
    fn write(&self, line: Line<'_>) {
        self.0.lock().unwrap().push(line.bytes.to_vec());
    }
}
