//! The organisation's technical guideline, enforced around an axum service.
//!
//! A team writes routes and handlers; what the guideline asks of every service is done around them. Each answer is in the envelope
//! `{success, data, errors}`, whoever made it. All bad fields of a request are named in one answer. Each request has an id that stands in
//! all its log records, and one record that tells how it ended. Panics, slow handlers and stalled clients are answered. The service has
//! health routes, an OpenAPI document that is taken from the handlers, and stops without cutting anybody off.
//!
//! The words for all that (failures, error catalogues, the log, settings) are those of [`standards_core`], which is here as [`core`].
//!
//! # Three rungs
//!
//! By how much you want to keep in your own hands.
//!
//! **Everything.** [`serve`] takes the routes, configures itself from the environment, and runs until it is told to stop.
//!
//! ```no_run
//! use standards_axum::prelude::*;
//!
//! #[derive(Deserialize, Validate)]
//! struct Saludo {
//!     #[garde(length(chars, min = 1, max = 40))]
//!     nombre: String,
//! }
//!
//! async fn saludar(Json(saludo): Json<Saludo>) -> ApiResult<String> {
//!     info!(letras = saludo.nombre.len(), "Saludo solicitado");
//!     ok(format!("Hola, {}", saludo.nombre))
//! }
//!
//! #[tokio::main]
//! async fn main() -> Exit {
//!     serve(service_info!(), Router::new().route("/saludos", post(saludar))).await
//! }
//! ```
//!
//! **Each part switched.** A [`Service`] is built part by part: settings of one's own, readiness checks, an API with its document, another
//! deadline, less to log. [`serve_with`] makes and runs it, [`Service::into_router`] gives it to a test.
//!
//! ```
//! use axum::body::Body;
//! use axum::http::Request;
//! use standards_axum::core::settings::Environment;
//! use standards_axum::layers::AccessLogLayer;
//! use standards_axum::prelude::*;
//! use standards_axum::{Readiness, Service};
//! use tower::ServiceExt;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), standards_axum::core::settings::Problems> {
//! let app = Service::new(service_info!(), Environment::default().settings()?)
//!     .routes(Router::new().route("/saludos", get(async || ok("hola"))))
//!     .readiness(Readiness::default().with_check("cola", async || Err(Failure::unavailable("no route to the queue"))))
//!     .standards(|layer| layer.with_access_log(AccessLogLayer::failures_only()))
//!     .into_router();
//!
//! let status = async |path| app.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap().status();
//! assert_eq!(status("/saludos").await, 200);
//! assert_eq!(status("/health/ready").await, 503);
//! # Ok(())
//! # }
//! ```
//!
//! **The layers alone.** [`standardize`] puts an axum service that exists already inside the standard; [`StandardsLayer`] does so with any
//! tower service; each of its [`layers`] stands alone too.
//!
//! ```
//! use axum::body::{Body, to_bytes};
//! use axum::http::Request;
//! use axum::{Router, routing::get};
//! use standards_axum::standardize;
//! use tower::ServiceExt;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let app = standardize(Router::new().route("/", get(async || "tal cual")));
//! let body_of = async |path| {
//!     let answer = app.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
//!     to_bytes(answer.into_body(), 1024).await.unwrap()
//! };
//!
//! assert_eq!(body_of("/").await, "tal cual");
//! assert_eq!(
//!     body_of("/nada").await,
//!     r#"{"success":false,"data":null,"errors":[{"code":"HTTP_ERROR","message":"Recurso no encontrado"}]}"#
//! );
//! # }
//! ```
//!
//! # Modules
//!
//! | module | what it holds | guideline |
//! |---|---|---|
//! | the root | how a handler ends: [`ok`], [`Reply`], [`ApiError`], [`ApiResult`], and without an envelope [`Download`], [`NoContent`] | section 5, "Formato Estándar de Respuestas" |
//! | the root | the service around it: [`serve`], [`serve_with`], [`Service`], [`StandardSettings`], [`Readiness`], [`Exit`] | section 1 |
//! | the root | all layers in their order: [`StandardsLayer`], [`standardize`] | sections 3 and 5 |
//! | [`extract`] | what a handler is given: [`Json`](extract::Json), [`Form`](extract::Form), [`Path`](extract::Path), [`PathParams`](extract::PathParams), [`Query`](extract::Query), [`Page`](extract::Page), [`IdempotencyKey`](extract::IdempotencyKey), [`ClientAddress`](extract::ClientAddress) | section 5 |
//! | [`layers`] | each layer by itself, its policy a parameter | section 3, "Middleware para Correlation ID" |
#![cfg_attr(
    feature = "auth",
    doc = "| [`auth`] | who calls: bearer tokens, keys and their sets, the verified caller | section 1 |"
)]
#![cfg_attr(
    feature = "openapi",
    doc = "| [`openapi`] | [`ApiRouter`](openapi::ApiRouter): routes that describe themselves | section 1 |"
)]
#![cfg_attr(feature = "metrics", doc = "| [`metrics`] | [`Metrics`](metrics::Metrics): what Prometheus is told | section 3 |")]
#![cfg_attr(feature = "cli", doc = "| [`cli`] | [`Cli`](cli::Cli): what every service can be asked by a command | |")]
#![cfg_attr(
    feature = "conformance",
    doc = "| [`conformance`] | `standards-check`: whether a service, in whatever language, keeps the guideline | the checklist |"
)]
#![cfg_attr(
    feature = "testkit",
    doc = "| [`testing`] | [`TestApp`](testing::TestApp): a service in tests, its answers and its log | section 7, \"Testing\" |"
)]
#![cfg_attr(
    feature = "client",
    doc = "| [`client`] | [`Client`](client::Client): another service, called in the standard | section 2, \"Context Variables\" |"
)]
#![cfg_attr(
    feature = "otel",
    doc = "| [`otel`] | [`Tracing`](otel::Tracing): spans of requests and calls, exported by OTLP | section 3 |"
)]
//! | [`url`] | [`Url`](url::Url): the address of another service, as a setting | section 1, "config.py" |
//! | [`media`] | what a [`Download`] can be of | |
//! | [`prelude`] | what every service types | |
//! | [`core`] | `standards_core`, the same version that this crate speaks | |
//!
//! # Features
//!
//! | feature | adds | default |
//! |---|---|---|
//! | `auth` | `auth`: callers verified by bearer tokens (`jsonwebtoken`, aws-lc) | no |
//! | `cache` | `core::cache`: what was asked before, for a while (`moka`); `metrics::Metrics::cache` | no |
//! | `redis`, `redis-tls` | `core::cache::redis`: what is kept is shared by all instances; with TLS (`redis`) | no |
//! | `client` | `client`: calls of other services (`hyper-util`, `hyper-rustls`, the machine's certificates) | no |
//! | `conformance` | `conformance`, and the command `standards-check` (`clap`, `diffy`, `toml`, `rustix`) | no |
//! | `jwks` | `auth`, and sets of keys fetched by HTTPS (`hyper-rustls`, the machine's certificates) | no |
//! | `metrics` | `metrics`: `/metrics` for Prometheus (`prometheus-client`): requests, log, process, and what a service counts itself | no |
//! | `macros` | `debug_handler`: axum's, which tells what keeps a function from being a handler; the function is as it was | no |
//! | `multipart` | `extract::Multipart`: uploads, part by part | no |
//! | `openapi` | `openapi`, `Service::api`, `ServiceInfo::mount`: the document from the routes, Swagger UI from assets inside the crate | yes |
//! | `chrono`, `rust_decimal`, `time`, `uuid` | the crate's values in a `Path`, in records and in the document ([`extract::PathValue`]) | no |
//! | `cli` | `cli`: the command line of a service, with [clap](https://docs.rs/clap) | no |
//! | `otel` | `otel`: spans of requests and calls, exported by OTLP over HTTP (`opentelemetry`, `opentelemetry_sdk`, both re-exported; `prost`); and `client` | no |
//! | `sqlx-postgres`, `sqlx-sqlite` | `core::idempotency::sql`: outcomes of an `Idempotency-Key` in a team's own database; `core::FixedDecimal` and `core::Timestamp` are bound and read by sqlx | no |
//! | `testkit` | `testing`: requests to a service in a test, their answers and their log; a paused clock, callers, other services; for `[dev-dependencies]` | no |
//! | `tls` | TLS from `TLS_CERT` and `TLS_KEY` | no |

mod admin;
mod answer;
#[cfg(feature = "auth")]
pub mod auth;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "client")]
pub mod client;
mod collector;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod extract;
mod forwarded;
mod headers;
mod health;
pub mod layers;
mod listed;
#[cfg(feature = "metrics")]
pub mod metrics;
#[cfg(feature = "openapi")]
pub mod openapi;
#[cfg(feature = "otel")]
pub mod otel;
#[cfg(feature = "otel")]
mod otlp;
mod server;
mod service;
#[cfg(feature = "testkit")]
pub mod testing;
pub mod url;

#[cfg(feature = "macros")]
pub use axum::debug_handler;

pub use answer::{ApiError, ApiResult, Download, IDEMPOTENT_REPLAYED, IntoReply, NoContent, Reply, media, ok};
pub use collector::{CollectorHeaders, SamplingRatio, TraceSampler};
pub use forwarded::TrustedProxies;
pub use health::Readiness;
pub use server::StopSignal;
pub use service::{AllowedHosts, ApiPrefix, ConnectionCount, Exit, LayerEntry, Service, ServiceInfo, StandardSettings};
pub use service::{Standardized, StandardizedBody, StandardizedFuture, StandardsLayer, standardize, standardize_with};
pub use service::{serve, serve_with};
pub use standards_core as core;

/// The examples of the README are tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;

/// What every service types.
///
/// Two names are left out on purpose, since whoever reads `Path` or `Service` in a service's code has another one in mind:
/// [`extract::Path`] is not `std::path::Path`, and [`Service`] is not tower's trait. Where they are wanted, one `use` says which:
///
/// ```
/// use std::path::*;
///
/// use standards_axum::prelude::*;
/// use tower::*;
///
/// // Both are what their globs bring, and neither is ambiguous.
/// fn name_of<S: Service<u8>>(_: &S, file: &Path) -> Option<String> {
///     Some(file.file_name()?.to_str()?.to_owned())
/// }
///
/// let nobody = service_fn(async |_: u8| Ok::<_, Failure>(()));
/// assert_eq!(name_of(&nobody, Path::new("/etc/hosts")).as_deref(), Some("hosts"));
/// ```
pub mod prelude {
    pub use axum::Router;
    pub use axum::extract::{FromRef, State};
    pub use axum::routing::{delete, get, patch, post, put};
    pub use garde::Validate;
    pub use serde::{Deserialize, Serialize};
    pub use standards_core::settings::Settings;
    pub use standards_core::{Failure, Fatal, error_catalogue, settings};
    pub use tracing::{debug, error, info, warn};

    #[cfg(feature = "cli")]
    pub use crate::cli::Cli;
    pub use crate::extract::{IdempotencyKey, Json, Query};
    #[cfg(feature = "openapi")]
    pub use crate::openapi::{ApiRouter, Operation};
    pub use crate::{
        ApiError, ApiResult, Exit, IntoReply, NoContent, Readiness, Reply, StandardSettings, ok, serve, serve_with, service_info,
    };
}
