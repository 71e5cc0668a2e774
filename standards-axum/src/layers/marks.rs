//! What the layers tell each other of a request.

use http::Extensions;

/// In one extension: each is an allocation, and a place in a table that has few.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Marks {
    /// Whether the request has its context: a layer inside another one knows it by that. A request that is forwarded is another one.
    pub(crate) is_named: bool,
    /// How many bytes its body may have.
    pub(crate) body_limit: Option<usize>,
}

impl Marks {
    pub(crate) fn of(extensions: &Extensions) -> Self {
        extensions.get().copied().unwrap_or_default()
    }

    pub(crate) fn of_mut(extensions: &mut Extensions) -> &mut Self {
        extensions.get_or_insert_default()
    }
}
