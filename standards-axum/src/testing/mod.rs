//! A service in tests (feature `testkit`): requests by one line, and what came of each of them, its answer and its log.
//!
//! ```
//! use serde_json::json;
//! use standards_axum::core::settings::Environment;
//! use standards_axum::prelude::*;
//! use standards_axum::testing::TestApp;
//! use standards_axum::Service;
//!
//! error_catalogue! {
//!     pub enum SaludoError {
//!         /// The name is on the block list.
//!         NombreProhibido { nombre: String } => 400, "NOMBRE_PROHIBIDO", "Nombre {nombre} no permitido";
//!     }
//! }
//!
//! #[derive(Deserialize, Validate)]
//! struct Saludo {
//!     #[garde(length(chars, min = 1, max = 40))]
//!     nombre: String,
//! }
//!
//! async fn saludar(Json(saludo): Json<Saludo>) -> ApiResult<String> {
//!     info!(letras = saludo.nombre.len(), "Saludo solicitado");
//!     if saludo.nombre == "root" {
//!         Err(SaludoError::NombreProhibido { nombre: saludo.nombre.clone() })?;
//!     }
//!     ok(format!("Hola, {}", saludo.nombre))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let settings = Environment::default().settings().unwrap();
//! let app = TestApp::new(Service::new(service_info!(), settings).routes(Router::new().route("/saludos", post(saludar))));
//!
//! let greeted = app.post("/saludos").json(&json!({"nombre": "Ana"})).await;
//! greeted.assert_data(&json!("Hola, Ana"));
//! greeted.assert_logged(&json!({"level": "INFO", "message": "Saludo solicitado", "context": {"letras": 3}}));
//!
//! let refused = app.post("/saludos").json(&json!({"nombre": "root"})).await;
//! refused.assert_failure(400, "NOMBRE_PROHIBIDO", "Nombre root no permitido");
//! assert_eq!(refused.access_record()["level"], "WARNING");
//!
//! app.post("/saludos").json(&json!({})).await.assert_invalid(&["nombre: es obligatorio"]);
//! # }
//! ```
//!
//! | what | is |
//! |---|---|
//! | [`TestApp`] | a router or a [`Service`](crate::Service) that is sent requests without a port |
//! | [`TestRequest`] | a request until it is sent, by `.await` |
//! | [`TestAnswer`] | the whole answer, and the records of that request |
//! | [`OpenAnswer`] | an answer whose body is read piece by piece: a stream, or one that a client leaves |
//! | [`TestServer`] | the same service on a port of its own, for a client that speaks HTTP |
//! | [`StubUpstream`] | another service, played by the test, which shows what was sent to it |
//! | [`PausedClock`] | Tokio's clock, as the test sets it |
#![cfg_attr(
    feature = "auth",
    doc = "| [`CALLER_KEYS`] | what a service is configured with so that it takes the callers of a [`TestApp`] |
| [`token`] | a caller's token, by whatever variables a service is configured with |"
)]
//!
//! # What a failing assertion tells
//!
//! The request and the line of the test that sent it, each difference by its path, the answer, and the request's records:
//!
//! ```text
//! POST /saludos, sent at tests/saludos.rs:31:9, was answered otherwise than expected:
//!   status: expected 200, found 422
//!   data: expected "Hola, Ana", found nothing
//! answer: 422
//! {"success":false,"data":null,"errors":[{"code":"VALIDATION_ERROR","message":"nombre: es obligatorio"}]}
//! records:
//!   WARNING Error de validación: nombre: es obligatorio
//! ```
//!
//! # Bounds
//!
//! An answer is read up to a megabyte ([`TestApp::with_body_limit`]) and waited for five minutes ([`TestApp::with_patience`]): one that has no
//! end fails its test. Tests that run side by side do not see each other's records, since each request has a correlation id of its own. Servers and
//! upstreams end with the value that stands for them.
//!
//! Every function here panics where the test that calls it is wrong: a header that is none, an answer that is not as it is expected.
#![expect(clippy::panic, clippy::expect_used, clippy::indexing_slicing, reason = "a test says what it expects by failing")]

mod answer;
mod app;
mod asked;
#[cfg(feature = "auth")]
mod callers;
mod clock;
mod open;
mod request;
mod server;
mod upstream;

#[cfg(test)]
mod tests;

pub use answer::TestAnswer;
pub use app::TestApp;
#[cfg(feature = "auth")]
pub use callers::{CALLER_KEYS, token};
pub use clock::PausedClock;
pub use open::OpenAnswer;
pub use request::TestRequest;
pub use server::TestServer;
pub use upstream::{SentRequest, StubUpstream};
