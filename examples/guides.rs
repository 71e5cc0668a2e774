//! The snippets of the guides, each of which is a test: `cargo test -p examples --doc`.
//!
//! That each compiles with the dependencies that its page lists, and no others, is what `tests/examples/guides.rs` checks.

/// `README.md`.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;

/// `docs/adoption.md`.
#[cfg(doctest)]
#[doc = include_str!("../docs/adoption.md")]
pub struct Adoption;

/// `docs/values.md`.
#[cfg(doctest)]
#[doc = include_str!("../docs/values.md")]
pub struct Values;

/// `docs/standards-check.md`.
#[cfg(doctest)]
#[doc = include_str!("../docs/standards-check.md")]
pub struct StandardsCheck;

/// `docs/migracion.md`.
#[cfg(doctest)]
#[doc = include_str!("../docs/migracion.md")]
pub struct Migracion;

/// `docs/versioning.md`.
#[cfg(doctest)]
#[doc = include_str!("../docs/versioning.md")]
pub struct Versioning;
