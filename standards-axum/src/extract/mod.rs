//! What a handler is given: parsed, validated, or refused with every bad field in one answer.
//!
//! [`Json`], [`Form`], [`PathParams`] and [`Query`] read a `T` that serde deserialises and garde validates, [`Path`] reads plain values; all reject with
//! [`ApiError`](crate::ApiError). The reasons come from a short table in Spanish and English, or from the type itself
//! ([`standards_core::validation::reject`], [`refuse`]); no library's sentence, type name or position reaches a client.
//!
//! ```
//! use axum::body::{Body, to_bytes};
//! use axum::http::Request;
//! use axum::{Router, routing::post};
//! use garde::Validate;
//! use serde::Deserialize;
//! use standards_axum::extract::{Json, Path};
//! use standards_axum::{ApiResult, ok};
//! use tower::ServiceExt;
//!
//! #[derive(Deserialize, Validate)]
//! struct Alta {
//!     #[garde(length(chars, min = 1))]
//!     nombre: String,
//!     #[garde(range(min = 18))]
//!     edad: u8,
//! }
//!
//! async fn crear(Path(sucursal): Path<u32>, Json(alta): Json<Alta>) -> ApiResult<String> {
//!     ok(format!("{} ({}) en {}", alta.nombre, alta.edad, sucursal))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let app: Router = Router::new().route("/sucursales/{sucursal}/clientes", post(crear));
//! let body = Body::from(r#"{"nombre":"","edad":"17"}"#);
//! let request = Request::post("/sucursales/7/clientes").header("content-type", "application/json").body(body).unwrap();
//! let answer = app.oneshot(request).await.unwrap();
//! assert_eq!(answer.status(), 422);
//! let body = to_bytes(answer.into_body(), 1024).await.unwrap();
//! let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
//! assert_eq!(body["errors"][0]["message"], "edad: debe ser un número entero");
//! assert_eq!(body["errors"][1]["message"], "nombre: debe tener un largo de al menos 1");
//! # }
//! ```
//!
//! | extractor | reads | may be absent |
//! |---|---|---|
//! | [`Json`] | a body of `application/json` or `application/*+json` | `Option<Json<T>>` |
//! | [`Form`] | a body of `application/x-www-form-urlencoded` | |
//! | `Multipart` | a body of `multipart/form-data`, part by part (feature `multipart`) | |
//! | [`Path`] | the parameters of the route: one value or a tuple | |
//! | [`PathParams`] | the parameters of the route: a struct | |
//! | [`Query`] | what is behind the question mark | its fields as `Option` |
//! | [`Page`] in a `Query` | which part of a list is asked for; [`PageLinks`] says where the others are | its parameters |
//! | [`IdempotencyKey`] | the header `Idempotency-Key` | `Option<IdempotencyKey>` |
//!
//! Extractors of a handler are asked one after the other: of a bad path and a bad body the path is told, alone. What was read is used as if
//! it stood there by itself (`Deref`): with `pago: Json<Pago>` one writes `pago.monto`.
//!
//! Reading is one mechanism for all of them but `Multipart`: a deserialiser of our own, whose error is a reason and a place. A body is
//! scanned by `serde_json` first, to its end; numbers are then read from their own digits. `serde_json`'s own deserialiser would take `[7,
//! "100.00"]` for a struct of two fields, and says what it found wrong only in English.

#[cfg(feature = "openapi")]
mod ask;
mod body;
mod form;
mod idempotency_key;
mod json;
#[cfg(feature = "multipart")]
mod multipart;
mod page;
mod path;
mod path_params;
mod path_value;
mod query;
mod read;
mod reason;
mod retry;
mod urlencoded;

#[cfg(test)]
mod tests;

pub use crate::forwarded::{ClientAddress, Forwarded};
#[cfg(feature = "openapi")]
pub(crate) use ask::{ask_body, ask_parameters};
pub use form::Form;
#[cfg(feature = "openapi")]
pub(crate) use idempotency_key::IDEMPOTENCY_KEY_NAME;
pub use idempotency_key::{IDEMPOTENCY_KEY, IdempotencyKey, RequireIdempotencyKey};
pub use json::Json;
#[cfg(feature = "multipart")]
pub use multipart::{Multipart, Part};
pub use page::{Page, PageLinks, X_TOTAL_COUNT};
pub use path::Path;
pub use path_params::PathParams;
pub use path_value::{PathValue, PathValues};
pub use query::Query;
#[cfg(feature = "openapi")]
pub(crate) use read::{FieldPath, Segment};
pub use reason::refuse;
#[cfg(feature = "openapi")]
pub(crate) use reason::rule::Rule;
#[cfg(feature = "openapi")]
pub(crate) use retry::Answer;

/// What was read is used as if it stood there by itself.
macro_rules! deref {
    ($($extractor:ident)+) => {
        $(
            impl<T> std::ops::Deref for $extractor<T> {
                type Target = T;

                fn deref(&self) -> &T {
                    &self.0
                }
            }

            impl<T> std::ops::DerefMut for $extractor<T> {
                fn deref_mut(&mut self) -> &mut T {
                    &mut self.0
                }
            }
        )+
    };
}

deref!(Json Form Path PathParams Query);
