//! Tokens written and signed by hand (RFC 7515), so that what verifies them is not asked how.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac::{self, Algorithm, HMAC_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::super::{KEY, VARIABLES};

pub(crate) const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

pub(crate) fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The token of these texts, whatever they say, under the key by that algorithm.
pub(crate) fn signed_by(algorithm: Algorithm, key: &[u8], header: &str, claims: &str) -> String {
    let message = format!("{}.{}", encoded(header), encoded(claims));
    let signature = hmac::sign(&hmac::Key::new(algorithm, key), message.as_bytes());
    format!("{message}.{}", encoded(signature))
}

pub(crate) fn signed(header: &str, claims: &str) -> String {
    signed_by(HMAC_SHA256, KEY.as_bytes(), header, claims)
}

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Claims that are right for an hour, with some of them replaced; null takes one away.
pub(crate) fn claims(changes: &Value) -> String {
    let [_, (_, issuer), (_, audience)] = VARIABLES;
    let mut claims = json!({"iss": issuer, "aud": audience, "sub": "ana", "exp": now() + 3600, "scope": "pagos:read"});
    claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims.to_string()
}

/// A token that is right but for these claims.
pub(crate) fn with_claims(changes: &Value) -> String {
    signed(HEADER, &claims(changes))
}

/// RFC 7515, appendix A.1.
#[test]
fn the_signer_signs_as_its_specification_does() {
    let key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    let (header, claims) = (
        "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}",
        "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}",
    );
    let token = signed_by(HMAC_SHA256, &URL_SAFE_NO_PAD.decode(key).unwrap(), header, claims);
    assert!(token.starts_with("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0"));
    assert!(token.ends_with(".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
}
