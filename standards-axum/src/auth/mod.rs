//! Who calls: bearer tokens, verified before anything of the request is read (contract section 5, "Auth").
//!
//! A token is a JSON Web Token (RFC 7519) in the `Authorization` header (RFC 6750). The keys decide the algorithm, never the token:
//! HS256 for the shared secret and its predecessor, and the one algorithm of each key of a set (RFC 7517). `exp`, `iss`, `aud` and `sub`
//! must be there and right. Whatever is wrong, the answer is one and the same 401; the reason is in the log record alone, as
//! `context.auth_error`.
//!
//! ```
//! use axum::body::Body;
//! use axum::{Router, routing::get};
//! use http::Request;
//! use standards_axum::auth::{AuthSettings, Authenticator, BearerLayer, Caller, Grant};
//! use standards_axum::core::settings::Environment;
//! use standards_axum::ok;
//! use tower::ServiceExt;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let variables = [
//!     ("SECRET_KEY", "a-key-of-at-least-32-bytes-for-tests"),
//!     ("JWT_ISSUER", "https://login.example"),
//!     ("JWT_AUDIENCE", "saludos"),
//! ];
//! let settings: AuthSettings = Environment::from_pairs(variables).settings()?;
//! let authenticator = Authenticator::new(&settings)?;
//! let app: Router = Router::new()
//!     .route("/yo", get(async |caller: Caller| ok(caller.subject().to_owned())))
//!     .layer(BearerLayer::new(authenticator.clone()).scope("saludos:read"));
//!
//! let status = async |token: &str| {
//!     let request = Request::get("/yo").header("authorization", format!("Bearer {token}")).body(Body::empty()).unwrap();
//!     app.clone().oneshot(request).await.unwrap().status().as_u16()
//! };
//! let token = |scope: &str| settings.issue(&Grant::new("ana").with_scope(scope)).unwrap();
//! assert_eq!(status(&token("saludos:read saludos:write")).await, 200);
//! assert_eq!(status(&token("otra:cosa")).await, 403);
//! assert_eq!(status("x.y.z").await, 401);
//! # Ok(())
//! # }
//! ```
//!
//! The walk of a token: [`BearerLayer`] takes it from the head, [`Authenticator`] finds the keys that may have signed it, the token is
//! verified and becomes a [`Caller`], which handlers take as an argument. The same token again is known, as long as it and the keys
//! last.

mod authenticator;
mod caller;
#[cfg(feature = "jwks")]
mod https;
mod issue;
mod jwks;
mod keys;
mod layer;
mod refusal;
mod seen;
mod settings;
mod source;
mod token;

pub use authenticator::{AuthError, Authenticator};
pub use caller::Caller;
pub use issue::{Grant, IssueError};
pub use layer::BearerLayer;
pub use settings::{AuthSettings, JwksUrl, SigningKey};

#[cfg(test)]
mod tests;
