//! Which request it was, for whoever reads a failing test.

use std::fmt;
use std::panic::Location;

use http::{Method, Uri};

/// A request as a sentence names it.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) at: &'static Location<'static>,
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}, sent at {},", self.method, self.uri, self.at)
    }
}
