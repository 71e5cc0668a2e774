//! Calls of other services, under the ids and within the time of the request at hand.
//!
//! A [`Client`] is one other service: its name in the log, and where it is. [`Client::get`] and its siblings begin a [`Call`], [`Call::send`] makes it
//! and reads the envelope that is answered:
//!
//! ```
//! use serde::Deserialize;
//! use standards_axum::client::{Client, UpstreamError};
//! use standards_axum::core::Failure;
//! use standards_axum::core::settings::SettingValue;
//! use standards_axum::url::Url;
//!
//! #[derive(Debug, Deserialize, PartialEq)]
//! struct Cliente {
//!     id: i64,
//!     nombre: String,
//! }
//!
//! async fn cliente(clientes: &Client, id: i64) -> Result<Option<Cliente>, Failure> {
//!     match clientes.get(format!("/api/v1/clientes/{id}")).send().await {
//!         Ok(cliente) => Ok(Some(cliente)),
//!         Err(refused) if refused.entry().code == "CLIENTE_NO_ENCONTRADO" => Ok(None),
//!         Err(failure) => Err(failure),
//!     }
//! }
//!
//! # use axum::{Router, routing::get};
//! # use standards_axum::core::error_catalogue;
//! # use standards_axum::{ApiError, ok, standardize};
//! # error_catalogue! {
//! #     enum Ausente { Cliente => 404, "CLIENTE_NO_ENCONTRADO", "No está"; }
//! # }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), standards_axum::core::Fatal> {
//! # use standards_axum::core::Fatal;
//! # let found = get(async || ok(serde_json::json!({"id": 7, "nombre": "Ana"})));
//! # let absent = get(async || -> standards_axum::ApiResult<()> { Err(ApiError::from(Ausente::Cliente)) });
//! # let app = standardize(Router::new().route("/api/v1/clientes/7", found).route("/api/v1/clientes/8", absent));
//! # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! # let address = format!("http://{}", listener.local_addr()?);
//! # standards_axum::core::context::spawn_worker(async { axum::serve(listener, app).await });
//! let clientes = Client::new("clientes", <Url>::parse(&address).ok_or_else(|| Fatal::new("no address"))?)?;
//! assert_eq!(cliente(&clientes, 7).await?, Some(Cliente { id: 7, nombre: "Ana".into() }));
//! assert_eq!(cliente(&clientes, 8).await?, None);
//!
//! let nobody = Client::new("clientes", <Url>::parse("http://127.0.0.1:1").ok_or_else(|| Fatal::new("no address"))?)?;
//! let failure = cliente(&nobody, 7).await.unwrap_err();
//! assert_eq!((failure.entry().code, failure.status().as_u16()), ("SERVICE_UNAVAILABLE", 503));
//! assert_eq!(UpstreamError::of(&failure).unwrap().reason().as_str(), "unreachable");
//! # Ok(())
//! # }
//! ```
//!
//! What is sent with every call: `X-Correlation-ID` and `traceparent` of the request at hand ([`context`](standards_core::context); outside of one the
//! process's id), its `Accept-Language`, `Accept: application/json`, and `Accept-Encoding: identity`, since nothing is ever unpacked here.
//!
//! # What an answer becomes
//!
//! | the other service | the failure | its [`Reason`] |
//! |---|---|---|
//! | refuses by a code of its own (4xx) | the same status and code, with the standard's sentence of that status | `Refused` |
//! | refuses by a code of the standard: unknown route, wrong verb, bad field | 500 `INTERNAL_ERROR`: the call is wrong | `Misused` |
//! | does not believe this service (401, 403), or has had enough of it (408, 425, 429) | 503 `SERVICE_UNAVAILABLE` | `Failed` |
//! | fails (5xx) | 503 `SERVICE_UNAVAILABLE` | `Failed` |
//! | is not there, breaks off, is late, speaks no HTTP | 503 `SERVICE_UNAVAILABLE` | `Unreachable`, `BrokenOff`, `Late`, `NotHttp` |
//! | is not asked, since a circuit breaker is open | 503 `SERVICE_UNAVAILABLE` | `NotPermitted` |
//! | sends elsewhere (3xx), packs its answer, answers too much | 503 `SERVICE_UNAVAILABLE` | `Redirected`, `Encoded`, `TooLarge` |
//! | answers no envelope, or one that contradicts its status; other data than was asked for | 503 `SERVICE_UNAVAILABLE` | `NoEnvelope`, `OtherData` |
//!
//! The cause of each is an [`UpstreamError`], which knows the other service's status, codes and sentences. None of its text reaches a client of this
//! service but a code of its own. `Retry-After` is passed on, five minutes at most.
//!
//! # How long, how often
//!
//! A call has what is left of the request's time ([`time_left`](standards_core::context::time_left)), retries included, and never more than
//! [`with_patience`](Client::with_patience) says. Repeated is what may be: `GET`, `HEAD`, `OPTIONS`, `PUT`, `DELETE` (RFC 9110, section 9.2.2), and
//! anything with an `Idempotency-Key`; when the other service cannot be reached, breaks off, or answers 408, 425, 429, 502, 503 or 504 (409 too, if
//! it says when to come back). The pauses have full jitter, last as long as `Retry-After` says (RFC 9110, section 10.2.3), and are not begun
//! where the time would not suffice. Of a client's calls one in five may be repeated, and ten beyond that: a service that is down is not asked
//! three times as often as one that is up.
//!
//! # One record
//!
//! Each call is one record: `upstream`, `http_method`, `path`, `upstream_status`, `attempts`, `duration_ms`; a failed one at `WARNING`, with
//! `error_code`, `error`, and of the other service's text `upstream_errors` or `foreign_body`, a kilobyte at most. Neither headers nor the query are
//! in it, and what the other service repeats of their values is blotted out. How the *request* ended is told once, by its access record, as ever.
//! [`CallObserver`] is told the same, for metrics.
//!
//! # Layers
//!
//! A client is a [`tower_service::Service`] of `http::Request<Bytes>` whose every call is all of that; within it an [`Exchange`] is one, which makes a
//! single attempt. [`Client::layer`] puts a layer between the two: it sees each attempt. So
//! `client.layer(CircuitBreakerLayer::new(breaker))` has the calls of a service pass a
//! [`CircuitBreakerLayer`](crate::layers::CircuitBreakerLayer); what that refuses is not repeated.
//!
//! The walk of a call: `call.rs` puts the request together, `attempts.rs` repeats it within its time, `exchange.rs` has it answered within bounds
//! (`connection.rs`), `answer.rs` reads the envelope, and `record.rs` tells how it ended, the call's span (`call_span.rs`) among others.

mod answer;
mod attempts;
mod blotted;
mod call;
#[cfg(feature = "otel")]
mod call_span;
#[cfg(not(feature = "otel"))]
#[path = "no_call_span.rs"]
mod call_span;
mod connection;
mod exchange;
mod policy;
mod record;
mod retry_after;
mod service;
mod upstream_error;

#[cfg(test)]
mod tests;

pub use call::{Call, segment};
pub use exchange::{Exchange, ExchangeFuture};
pub use record::{CallObserver, CallOutcome};
#[cfg(feature = "otel")]
pub(crate) use retry_after::retry_after;
pub use service::Client;
pub use upstream_error::{Reason, UpstreamError};
