//! What is known of the request at hand, wherever its work is done.
//!
//! The guideline's section 2 ("Context Variables") asks that the correlation id be in every record without anyone passing it on.
//! A [`RequestContext`] is task-local: [`scope`] opens it around a future, [`current`] reads it, and it ends with the future.
//! A task does not inherit it by itself, so crossing into one is explicit: [`spawn`], [`spawn_blocking`] and
//! [`WithContext::with_context`] (for `JoinSet`, `select!` and streams) carry it on, [`carried`] into a callback that somebody else spawns.
//!
//! ```
//! use standards_core::{CorrelationId, RequestContext, context};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let id = CorrelationId::parse("abc-123").unwrap();
//! let request = RequestContext::new(id, "/api/v1/pagos", "POST");
//! let seen = context::scope(request, async {
//!     context::spawn(async { context::current().map(|request| request.correlation_id().to_string()) }).await
//! });
//! assert_eq!(seen.await.unwrap().as_deref(), Some("abc-123"));
//! assert!(context::current().is_none());
//! # });
//! ```
//!
//! The order in which the context is met: a door (an HTTP layer, a consumer of a queue) reads or makes a [`CorrelationId`]
//! and, where there is one, a [`TraceParent`]; puts them into a [`RequestContext`]; opens it with [`scope`]; and whoever writes a
//! record finds it there.

pub(crate) mod correlation_id;
pub(crate) mod request;
mod task;
mod trace;

pub(crate) use correlation_id::CorrelationId;
pub use correlation_id::process_id;
pub(crate) use request::RequestContext;
pub(crate) use task::REQUEST_SPAN_TARGET;
pub use task::{Carried, InContext, WithContext, carried, current, scope, spawn, spawn_blocking, sync_scope, with_current};
pub use trace::TraceParent;
