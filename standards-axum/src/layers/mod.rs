//! The layers of the standard: each a tower `Layer` that can be used alone, around any service.
//!
//! [`StandardsLayer`](crate::StandardsLayer) puts them together in their order. Outermost first, a request passes:
//!
//! | layer | what it does | policy |
//! |---|---|---|
//! | [`CorrelationLayer`] | opens the request's context, names the request, inside and in the answer | whether `X-Request-ID` counts |
//! | [`AccessLogLayer`] | writes the one record that tells how the request ended, and one where the answer's body breaks off | level of what went well |
//! | [`PreflightLayer`] | CORS, where origins are given | tower-http's `CorsLayer` |
//! | [`EnvelopeLayer`] | dresses failures that somebody else made | what stands in their place, and what is [left alone](Exemption) |
//! | [`GuardLayer`] | refuses early, by the request's head | what is refused: [`framing`] |
//! | [`TrustedProxiesLayer`] | finds out whom a request is from, where proxies are trusted | which proxies |
//! | [`RateLimitLayer`] | refuses who asks too often, where there is a limit | how often, and who is who |
//! | [`AdmissionLayer`] | refuses what is too much, at once | how many requests may be in flight |
//! | [`CatchPanicLayer`] | converts panics into answers | what they become |
//! | [`DeadlineLayer`] | answers in time | how long, and what late requests get |
//! | [`BodyLimitLayer`] | tells the extractors how large a body may be | how large |
//!
//! An answer that a layer makes is an [`ApiError`](crate::ApiError) like any other: a panic's or a deadline's record is written by the
//! access log, under the request's id.
//!
//! One stands around what a service calls, and not around the service: [`CircuitBreakerLayer`] leaves alone what fails.
//!
//! # Example: one layer alone
//!
//! ```
//! use std::convert::Infallible;
//! use std::time::Duration;
//!
//! use axum::body::Body;
//! use http::{Request, Response};
//! use standards_axum::layers::{AwaitedBody, DeadlineLayer};
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let slow = service_fn(async |_: Request<AwaitedBody<Body>>| {
//!     tokio::time::sleep(Duration::from_secs(60)).await;
//!     Ok::<_, Infallible>(Response::new(Body::empty()))
//! });
//! let timed = DeadlineLayer::new(Duration::from_millis(10)).layer(slow);
//! assert_eq!(timed.oneshot(Request::new(Body::empty())).await.unwrap().status(), 503);
//! # });
//! ```

mod access_log;
mod admission;
mod body;
mod body_limit;
mod catch_panic;
mod circuit_breaker;
mod correlation;
mod deadline;
mod ending;
mod envelope;
mod guard;
mod in_flight;
mod marks;
mod observer;
mod preflight;
mod rate_limit;
#[cfg(feature = "otel")]
mod request_span;
#[cfg(not(feature = "otel"))]
#[path = "no_request_span.rs"]
mod request_span;
mod trusted_proxies;

#[cfg(feature = "openapi")]
pub(crate) use access_log::note_route_layer;
pub(crate) use access_log::noting_routes;
pub use access_log::{AccessLog, AccessLogFuture, AccessLogLayer, AlreadyLogged, Probe};
pub(crate) use admission::Permit;
pub use admission::{Admission, AdmissionFuture, AdmissionLayer, AdmittedBody, Priority};
pub use body::Replaceable;
pub use body_limit::{BodyLimitLayer, BodyLimited, DEFAULT_MAX_BODY_BYTES};
pub use catch_panic::{CatchPanic, CatchPanicFuture, CatchPanicLayer};
pub use circuit_breaker::{CircuitBreakerLayer, CircuitJudge, Guarded, GuardedFuture, ServerFailures};
#[cfg(feature = "client")]
pub(crate) use correlation::TRACEPARENT;
pub use correlation::{CorrelatedBody, Correlation, CorrelationFuture, CorrelationLayer, X_CORRELATION_ID};
pub(crate) use correlation::{NamedAnswer, Naming};
pub use deadline::{AwaitedBody, Deadline, DeadlineFuture, DeadlineLayer, Late};
pub(crate) use deadline::{Timer, too_late};
pub use ending::LoggedBody;
pub(crate) use ending::Sent;
pub(crate) use envelope::Dressing;
pub use envelope::{Envelope, EnvelopeFuture, EnvelopeLayer, Exempt, Exemption, exempt, exempted_by_layer};
#[cfg(feature = "client")]
pub(crate) use envelope::{errors_of_envelope, excerpt, media_type};
pub use guard::{Guard, GuardFuture, GuardLayer, HeadCheck, framing};
pub(crate) use guard::{framing_of, with_head};
pub(crate) use in_flight::InFlight;
pub(crate) use marks::Marks;
pub use observer::{RequestEnd, RequestObserver};
pub use preflight::{Preflight, PreflightFuture, PreflightLayer};
#[cfg(feature = "auth")]
pub(crate) use rate_limit::charge_subject;
#[cfg(test)]
pub(crate) use rate_limit::{RATE_LIMIT_LIMIT, RATE_LIMIT_REMAINING, RATE_LIMIT_RESET};
pub use rate_limit::{Rate, RateLimit, RateLimitLayer};
pub(crate) use request_span::Spans;
pub use trusted_proxies::TrustedProxiesLayer;
