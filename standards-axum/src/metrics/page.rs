//! The page, and who is given which.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use axum::Router;
use axum::response::{Extension, IntoResponse};
use axum::routing::get;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use prometheus_client::encoding::prometheus_text;

use super::Metrics;
use crate::layers::Probe;

/// How old a page may be that somebody is still being sent.
const FRESH: Duration = Duration::from_secs(1);

/// The last page, as long as somebody is being sent it.
///
/// Whoever reads slowly holds one page, and shares it with all that came in the same second: so there are no more pages in memory than
/// there were seconds in which a reader was accepted that still reads.
#[derive(Default)]
pub(super) struct Pages(Mutex<Weak<Page>>);

struct Page {
    text: String,
    written: Instant,
}

impl AsRef<[u8]> for Page {
    fn as_ref(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

/// What a response holds of a page.
struct Held(Arc<Page>);

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        (*self.0).as_ref()
    }
}

impl Pages {
    /// The page that is being sent, or a new one. One is written at a time.
    pub(super) fn current(&self, write: impl FnOnce() -> String) -> Bytes {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = last.upgrade().filter(|page| page.written.elapsed() < FRESH);
        let page = fresh.unwrap_or_else(|| Arc::new(Page { text: write(), written: Instant::now() }));
        *last = Arc::downgrade(&page);
        Bytes::from_owner(Held(page))
    }
}

/// `GET /metrics`.
pub(crate) fn routes(metrics: Metrics) -> Router {
    let page = async move || (Extension(Probe), [(CONTENT_TYPE, prometheus_text::CONTENT_TYPE)], metrics.render());
    Router::new().route("/metrics", get(async move || page().await.into_response()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_at_the_same_time_is_given_the_same() {
        let (pages, mut written) = (Pages::default(), 0);
        let mut ask = || {
            pages.current(|| {
                written += 1;
                written.to_string()
            })
        };
        let held: Vec<_> = (0..100).map(|_| ask()).collect();
        assert!(held.iter().all(|page| *page == "1"));
        drop(held);
        for expected in ["2", "3"] {
            assert_eq!(ask(), expected);
        }
    }

    #[test]
    fn a_slow_reader_keeps_nobody_on_an_old_page() {
        let pages = Pages::default();
        let old = Arc::new(Page { text: "old".to_owned(), written: Instant::now().checked_sub(FRESH).unwrap() });
        *pages.0.lock().unwrap() = Arc::downgrade(&old);
        assert_eq!(pages.current(|| "new".to_owned()), "new");
        assert_eq!(old.text, "old");
    }
}
