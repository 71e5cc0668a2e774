//! What a client does with every call.

use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use http::uri::InvalidUri;
use standards_core::resilience::RetryBudget;

use super::record::CallObserver;
use super::upstream_error::{Reason, UpstreamError};
use crate::url::Url;

/// How long a call may take where the request at hand leaves it more, or where there is none.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often a request that may be repeated is sent at most.
const ATTEMPTS: u32 = 3;

/// Whom it calls, within which bounds, and who is told. Clones share the budget.
#[derive(Clone)]
pub(super) struct Policy {
    pub(super) upstream: &'static str,
    pub(super) base: Url,
    pub(super) patience: Duration,
    pub(super) attempts: u32,
    pub(super) budget: Arc<RetryBudget>,
    pub(super) observers: Vec<Arc<dyn CallObserver>>,
}

impl Policy {
    pub(super) fn new(upstream: &'static str, base: Url) -> Self {
        let budget = Arc::new(RetryBudget::new());
        Self { upstream, base, patience: PATIENCE, attempts: ATTEMPTS, budget, observers: Vec::new() }
    }

    /// The address of `path`, which stays beneath that of the service.
    pub(super) fn address(&self, path: &str) -> Result<Uri, UpstreamError> {
        let unsendable = || UpstreamError::new(self.upstream, Reason::Unsendable);
        if leaves_its_place(path) {
            return Err(unsendable().with_source("the path has a segment of dots"));
        }
        self.base.join(path).parse().map_err(|error: InvalidUri| unsendable().with_source(error))
    }
}

/// Whether a segment of the path is `.` or `..`, which whoever reads it may resolve (RFC 3986, section 5.2.4), in whatever spelling.
fn leaves_its_place(path: &str) -> bool {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let is_dots = |segment: &str| matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..");
    path.split(['/', '\\']).any(is_dots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_found_in_whatever_spelling() {
        for path in ["..", "/..", "/a/../b", "a/./b", "/a/%2e%2E/b", "/a/.%2e", r"/a\..\b", "/a/..?x", "/..#"] {
            assert!(leaves_its_place(path), "{path}");
        }
        for path in ["", "/", "/a/b.c", "/...", "/a?x=../y", "/a%2fb", "/v1..2"] {
            assert!(!leaves_its_place(path), "{path}");
        }
    }
}
