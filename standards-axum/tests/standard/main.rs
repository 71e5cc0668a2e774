//! The standard as a client and a log reader see it, around services that know nothing of it.
#![expect(clippy::disallowed_methods, reason = "tasks of a test belong to no request")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests say what they expect by failing")]

mod admin;
#[cfg(all(test, feature = "auth", feature = "multipart", feature = "openapi"))]
mod arbitrary;
mod broken_off;
#[cfg(all(test, feature = "conformance"))]
mod commands;
#[cfg(test)]
mod corpora;
mod correlation;
mod cors;
mod dressing;
mod endings;
mod exchange;
mod exempt;
mod foreign;
mod gateway;
mod idempotency;
mod joining;
mod layered;
mod limits;
mod logging;
#[cfg(feature = "openapi")]
mod operations;
mod panics;
#[cfg(all(test, feature = "openapi"))]
mod plain;
#[cfg(test)]
mod process;
mod readiness;
#[cfg(all(feature = "auth", feature = "openapi"))]
mod refusals;
#[cfg(feature = "openapi")]
mod rungs;
#[cfg(all(feature = "otel", feature = "testkit"))]
mod spans;
mod support;
mod tasks;
mod time;
#[cfg(feature = "client")]
mod two_services;
