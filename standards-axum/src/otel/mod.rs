//! Spans of requests and calls, exported by OTLP (feature `otel`).
//!
//! A [`Service`](crate::Service) exports them where `OTEL_EXPORTER_OTLP_ENDPOINT` says; there is nothing to write:
//!
//! | span | its parent | attributes |
//! |---|---|---|
//! | each request, `GET /pagos/{id}`, kind server | the caller's (`traceparent`), if it sends one | `http.request.method`, `http.route`, `url.path`, `http.response.status_code`, `correlation_id`; of one that failed `error_code`, of 5xx also `error.type` |
//! | each call of a [`Client`](crate::client::Client), `GET`, kind client | the request's, or the span that is current | `http.request.method`, `server.address`, `server.port`, `url.full`, `peer.service`, `http.response.status_code`, `http.request.resend_count`; of one that failed `error.type` |
//!
//! The names are those of OpenTelemetry's semantic conventions (HTTP, 1.23 and later); `correlation_id` and `error_code` are called as in the log.
//! Neither a query nor a header nor a body is in any of them, and what has the shape of a secret is masked in every attribute as it is in the log
//! ([`masked`](standards_core::log::masked)). Probes (health, metrics) are not exported, nor is what operators ask.
//!
//! The request's records carry its trace: `trace_id`, and as `span_id` that of its own span. A call sends its own span as `traceparent`, and the
//! caller's `tracestate`.
//!
//! # Spans of one's own
//!
//! [`in_span`] does work in a span within the request's; a [`SharedSpan`] is that of work that several requests share, linked to theirs; [`current`] is
//! OpenTelemetry's context of the request at hand, whose span takes attributes and events. While a request is polled its context is also OpenTelemetry's
//! `Context::current()`, so that whatever speaks that API (a library, a `tracing-opentelemetry` layer) is within the request too.
//!
//! ```
//! use axum::{Router, routing::get};
//! use standards_axum::otel::opentelemetry::KeyValue;
//! use standards_axum::otel::opentelemetry::trace::TraceContextExt;
//! use standards_axum::{ApiResult, ok, otel};
//!
//! async fn cotizar() -> ApiResult<u32> {
//!     let precio = otel::in_span("consultar_tarifas", async {
//!         otel::current().span().set_attribute(KeyValue::new("tarifas", 3));
//!         100
//!     });
//!     ok(precio.await)
//! }
//!
//! # use tower::ServiceExt;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! // Where nothing is exported, that is all it costs: a look at the request.
//! let routes: Router = Router::new().route("/cotizacion", get(cotizar));
//! # let request = http::Request::get("/cotizacion").body(axum::body::Body::empty()).unwrap();
//! # assert_eq!(standards_axum::standardize(routes).oneshot(request).await.unwrap().status(), 200);
//! # }
//! ```
//!
//! # When the collector is down
//!
//! No request waits for it. A span that has ended goes into a queue of 2,048; a task exports 512 at a time, each attempt within ten seconds, and
//! what fails for a reason that may pass is tried four times. What finds no room, or cannot be exported, is lost and counted
//! (`otel_spans_dropped_total`); the log is told when that begins and when it ends, once each. At the stop what is left is exported within two seconds at
//! most, inside `SHUTDOWN_GRACE_MS`.
//!
//! # Whose versions
//!
//! [`opentelemetry`] and [`opentelemetry_sdk`] are here as this crate speaks them: a library of the same version joins in, one of another does not.
//!
//! The walk: `request_span` begins and ends the span of a request where the correlation layer tells it to, `call_span` that of a call; `sampling`
//! decides which are recorded; `queue` takes those that have ended; what exports them stands beside this module, since it is a client.

mod conventions;
mod handle;
mod own;
mod queue;
mod request_span;
mod sampling;

pub use opentelemetry;
pub use opentelemetry_sdk;

pub(crate) use self::conventions::{attribute, bounded, span_name, verb};
pub use self::handle::Tracing;
pub use self::own::{SharedSpan, current, in_span};
pub(crate) use self::own::{child_span, traceparent};
#[cfg(feature = "metrics")]
pub(crate) use self::queue::SpanCounts;
pub(crate) use self::queue::SpanQueue;
pub(crate) use self::request_span::{Caller, RequestSpan};
pub(crate) use self::sampling::Sampling;
