//! Which part of a list is asked for.

/// A page of a list ordered by id: the rows with `id > after_id`, less the first `skip` of them,
/// `limit` at most.
///
/// Its bounds are the transport's (`standards_axum::extract::Page`), which has parsed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Rows to pass over.
    pub skip: i64,
    /// Rows to return at most.
    pub limit: i64,
    /// Only rows with a larger id; zero, which no row has, is the start of the list.
    pub after_id: i64,
}

impl Default for Page {
    fn default() -> Self {
        Self { skip: 0, limit: 100, after_id: 0 }
    }
}
