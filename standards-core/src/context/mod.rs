//! What is known of the request at hand, wherever its work is done.
//!
//! The guideline's section 2 ("Context Variables") asks that the correlation id be in every record without anyone passing it on.
//! A [`RequestContext`] is task-local: [`scope`] opens it around a future, [`current`] reads it, and it ends with the future.
//! A task does not inherit it by itself, so crossing into one is explicit:
//!
//! | where the work goes | carried by | waited for at shutdown |
//! |---|---|---|
//! | a task | [`spawn`] in the place of `tokio::spawn` | yes |
//! | a blocking thread of Tokio | [`spawn_blocking`] | yes |
//! | a `JoinSet` | [`JoinSetExt::spawn_in_context`] | yes |
//! | a callback that somebody else spawns (axum's `on_upgrade`) | [`carried`] | no |
//! | a future that somebody else polls (a stream, another runtime) | [`WithContext::with_context`], or `.instrument(Span::current())` | no |
//! | a thread | [`spawn_thread`] | yes |
//! | a pool such as `rayon`'s | [`wrap`], [`Carrier::run`], or the request's span, entered there | no |
//! | a worker that outlives the request | nothing: [`spawn_worker`] leaves the request behind | no |
//!
//! The second carrier is the request's `tracing` span: where a task or a thread knows no request, the span that it is in tells it, if the log is
//! [`init`](crate::log::init)'s or has a [`RecordLayer`](crate::log::RecordLayer). The task goes before the span. Tokio's own hook for new tasks
//! exists only under `--cfg tokio_unstable` and knows nothing of who spawned them.
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
//!
//! # Fields for the whole request
//!
//! [`add`] puts a field into every record of the request from then on, its access record included. So do the fields of the request's first `tracing`
//! span of the service's own code, which is the handler's where it is instrumented (`#[instrument(fields(cliente_id))]`), also those that
//! `Span::record` gives it later; the fields of any other span stand in the records inside of it. Of one name, the record's own field goes before that of the innermost span,
//! and spans before what was added. A span that `LOG_LEVEL` switches off has no fields.
//!
//! # How much time is left
//!
//! [`time_left`] tells how long the request at hand may still take, wherever its work is done: a queue does not begin what nobody will wait for, and
//! a call to another service gives up in time. The deadline layer of `standards-axum` sets the deadline; a worker sets that of a message itself
//! ([`RequestContext::set_deadline`]).
//!
//! # A record that lost its request
//!
//! A bare `tokio::spawn` or a nameless thread starts with nothing, and its records carry the process's id. A debug build says so, once for each line
//! that logs there: `Registro sin contexto de solicitud`, at WARNING, with the line's `place`. Work that *is* the process's is started outside of a
//! request with the functions above, by [`spawn_worker`], or on a thread with a name. `LOG_LEVEL=info,standards::context=off` switches it off; a
//! release build does not look. Earlier than that clippy finds the calls, with these lines in a `clippy.toml`:
//!
//! ```toml
#![doc = include_str!("../../lints/clippy.toml")]
//! ```

mod added;
mod carrier;
pub(crate) mod correlation_id;
mod current;
mod in_context;
mod lazy_spans;
mod place;
pub(crate) mod request;
mod request_span;
mod running;
mod spawn;
mod text;
mod trace;

#[cfg(test)]
mod lints;

pub(crate) use added::within_bounds;
pub use carrier::{Carried, Carrier, WithContext, carried, wrap};
pub(crate) use correlation_id::CorrelationId;
pub use correlation_id::process_id;
pub use current::{Entered, add, current, enter, scope, sync_scope, time_left, with_current};
pub(crate) use current::{of_span, of_span_in, of_task, with_task};
pub use in_context::InContext;
pub(crate) use lazy_spans::{LazySpans, part_of};
#[cfg(debug_assertions)]
pub(crate) use place::is_stray;
pub(crate) use request::RequestContext;
pub(crate) use request_span::REQUEST_SPAN_TARGET;
pub use running::{running_tasks, tasks_ended};
pub use spawn::{JoinSetExt, spawn, spawn_blocking, spawn_thread, spawn_worker};
pub use trace::TraceParent;
