//! Twelve kinds of axum service, as their teams wrote them, inside the standard. The table in `docs/existing-services.md` names them.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests say what they expect by failing")]

mod compression;
mod cors;
mod errors;
mod fallback;
mod files;
mod multipart;
mod nested;
mod proxy;
mod request_id;
mod spa;
mod sse;
mod support;
mod table;
mod websocket;
