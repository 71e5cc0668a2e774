//! Tokens written by hand, and requests that bear them.

use axum::body::{Body, Bytes, to_bytes};
use axum::{Router, routing::get};
use http::{HeaderMap, Request};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use standards_core::settings::Environment;
use tower::ServiceExt;

use crate::auth::{AuthSettings, Authenticator, BearerLayer, Caller};
use crate::{ok, standardize};

pub(super) const KEY: &str = "a-key-of-at-least-32-bytes-for-tests";
pub(super) const PREVIOUS: &str = "the-key-before-it-of-at-least-32-bytes";

pub(super) fn settings(more: &[(&str, &str)]) -> AuthSettings {
    let own = [("JWT_ISSUER", "https://login.example"), ("JWT_AUDIENCE", "pagos")];
    Environment::from_pairs(own.iter().chain(more).copied()).settings().unwrap()
}

pub(super) fn by_secret() -> Authenticator {
    Authenticator::new(&settings(&[("SECRET_KEY", KEY), ("SECRET_KEY_PREVIOUS", PREVIOUS)])).unwrap()
}

/// Claims that are right, with some of them replaced; null takes one away.
pub(super) fn claims(changes: &Value) -> Value {
    let now = jsonwebtoken::get_current_timestamp();
    let mut claims =
        json!({"iss": "https://login.example", "aud": "pagos", "sub": "ana", "exp": now + 60, "scope": "pagos:read"});
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims
}

/// Base64 in the alphabet of tokens, by the library's own signing: the middle part of a token holds it.
pub(super) fn encoded(text: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits = |chunk: &[u8]| chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
    let letters = |chunk: &[u8]| {
        let bits = bits(chunk);
        (0..=chunk.len()).map(|at| char::from(ALPHABET[(bits >> (18 - 6 * at) & 63) as usize])).collect::<String>()
    };
    text.as_bytes().chunks(3).map(letters).collect()
}

/// A token of these texts, signed by `key` with `algorithm`, whatever the header says.
pub(super) fn signed(header: &str, claims: &str, key: &EncodingKey, algorithm: Algorithm) -> String {
    super::super::authenticator::install_cryptography();
    let message = format!("{}.{}", encoded(header), encoded(claims));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).unwrap();
    format!("{message}.{signature}")
}

/// The same under a shared secret, HS256.
pub(super) fn hs256(header: &str, claims: &str, key: &str) -> String {
    signed(header, claims, &EncodingKey::from_secret(key.as_bytes()), Algorithm::HS256)
}

pub(super) const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// A right token but for these claims.
pub(super) fn with_claims(changes: &Value) -> String {
    hs256(HEADER, &claims(changes).to_string(), KEY)
}

pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// What a route that asks for `pagos:read` answers to a request with these `Authorization` headers.
pub(super) async fn answered(authenticator: &Authenticator, values: &[&str]) -> Answered {
    let layer = BearerLayer::new(authenticator.clone()).scope("pagos:read");
    let routes = Router::new().route("/yo", get(async |caller: Caller| ok(caller.subject().to_owned()))).layer(layer);
    let request = values.iter().fold(Request::get("/yo"), |request, value| request.header("authorization", *value));
    let answer = standardize(routes).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (head, body) = answer.into_parts();
    Answered { status: head.status.as_u16(), headers: head.headers, body: to_bytes(body, 4096).await.unwrap() }
}

pub(super) async fn status(authenticator: &Authenticator, token: &str) -> u16 {
    answered(authenticator, &[&format!("Bearer {token}")]).await.status
}
