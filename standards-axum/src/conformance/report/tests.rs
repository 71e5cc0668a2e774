//! What reports rely on.
