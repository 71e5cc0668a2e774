//! What an answer must be, whatever was asked.

use axum::Router;
use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

/// Words of libraries, which no client may read.
const FOREIGN: [&str; 6] = [" line ", "column", "expected", "invalid", "struct ", "panicked"];

/// Asks `router`, whose answer is 200 or 422 in the envelope, naming each bad field once; whether it is 200.
pub(crate) fn is_accepted(router: Router, request: Request<Body>) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (parts, body) = runtime.block_on(async {
        let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
        (parts, body.collect().await.unwrap().to_bytes())
    });
    let envelope: Value = serde_json::from_slice(&body).unwrap();
    let accepted = parts.status == 200;
    assert!(accepted || parts.status == 422, "{} {envelope}", parts.status);
    assert_eq!(parts.headers["content-type"], "application/json");
    assert_eq!((envelope.as_object().unwrap().len(), &envelope["success"]), (3, &Value::Bool(accepted)), "{envelope}");
    assert_eq!(envelope["data"].is_null(), !accepted, "{envelope}");
    assert_fields_named_once(envelope["errors"].as_array().unwrap(), accepted);
    accepted
}

#[track_caller]
fn assert_fields_named_once(errors: &[Value], accepted: bool) {
    assert_eq!(errors.is_empty(), accepted);
    // Two keys that the client made up may look alike where they are shown.
    let mut fields: Vec<_> = errors.iter().map(field_of).filter(|field| !field.starts_with("etiquetas.")).collect();
    let all = fields.len();
    fields.sort_unstable();
    fields.dedup();
    assert_eq!(fields.len(), all, "{errors:#?}");
}

/// The field that an error names: a path of names and indices, in which a client's key has letters, digits, `_` and `-`.
#[track_caller]
fn field_of(error: &Value) -> &str {
    assert_eq!(error["code"], "VALIDATION_ERROR");
    let message = error["message"].as_str().unwrap();
    let (field, reason) = message.split_once(": ").unwrap_or_else(|| panic!("{message} names no field"));
    let begins = field.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    assert!(begins && field.chars().all(|c| c.is_alphanumeric() || "_-.[]".contains(c)), "{message}");
    assert!(!reason.is_empty() && !FOREIGN.iter().any(|word| reason.contains(word)), "{message}");
    field
}
