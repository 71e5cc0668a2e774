//! The API's description, taken from the handlers' own types and rules so that they cannot drift apart.
//!
//! An [`ApiRouter`] takes each route together with its [`Operation`]. What the operation answers with is read off the handler's
//! return type, what it is given off its arguments, and what can go wrong off the error catalogues that it names; a handler that
//! does not return [`ApiResult`](crate::ApiResult) does not compile there, unless its success is another [`OperationOutput`]: nothing, a file,
//! a stream.
//!
//! ```
//! use axum::Router;
//! use garde::Validate;
//! use serde::{Deserialize, Serialize};
//! use standards_axum::extract::Json;
//! use standards_axum::openapi::{ApiRouter, Operation, openapi_routes};
//! use standards_axum::{ApiResult, ok};
//! use standards_core::error_catalogue;
//! use utoipa::ToSchema;
//!
//! error_catalogue! {
//!     pub enum SaludoError {
//!         /// The name is on the block list.
//!         NombreProhibido => 400, "NOMBRE_PROHIBIDO", "Nombre no permitido";
//!     }
//! }
//!
//! #[derive(Deserialize, ToSchema, Validate)]
//! struct Nombre {
//!     #[garde(length(chars, max = 40))]
//!     nombre: String,
//! }
//!
//! #[derive(Serialize, ToSchema)]
//! struct Saludo {
//!     texto: String,
//! }
//!
//! async fn saludar(Json(Nombre { nombre }): Json<Nombre>) -> ApiResult<Saludo> {
//!     if nombre == "root" {
//!         Err(SaludoError::NombreProhibido)?;
//!     }
//!     ok(Saludo { texto: format!("Hola, {nombre}") })
//! }
//!
//! let api = ApiRouter::new()
//!     .describe("Saludos", "1.0.0")
//!     .operation(Operation::post("/saludos", "saludar").summary("Saluda").errors::<SaludoError>(), saludar);
//!
//! let (router, document) = api.into_parts();
//! let nombre = &serde_json::to_value(&document).unwrap()["components"]["schemas"]["Nombre"]["properties"]["nombre"];
//! assert_eq!(nombre["maxLength"], 40); // garde's rule
//! assert_eq!(document.paths.paths["/saludos"].post.as_ref().unwrap().operation_id.as_deref(), Some("saludar"));
//! let app: Router = router.merge(openapi_routes(&document, "/openapi.json", "/docs"));
//! ```

mod docs;
mod gate;
mod handler;
mod input;
mod names;
mod operation;
mod output;
mod placed;
mod responses;
mod router;
mod rules;
mod schemas;
mod security;

#[cfg(test)]
mod tests;

pub use docs::openapi_routes;
#[cfg(not(feature = "auth"))]
pub(crate) use gate::Authenticator;
pub use handler::ApiHandler;
pub use input::{OperationInput, OperationInputs};
pub use operation::Operation;
pub use output::{OperationOutput, OperationOutputs};
pub use router::ApiRouter;
